package host

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"time"

	"github.com/openhouse-ai/console/core/internal/report"
	"github.com/openhouse-ai/console/ui"
)

// sheetFrom writes the table that a route has answered as the file that it says.
func sheetFrom(ctx context.Context, answer reply) (RouteReply, error) {
	format, name := answer.head.GetSheet(), answer.head.GetName()
	if !slices.Contains(report.Formats, format) || len(name) > maxName {
		return RouteReply{}, garbage("a sheet called %.200q of the format %.20q", name, format)
	}
	var table ui.Table
	if err := json.Unmarshal(answer.body, &table); err != nil {
		return RouteReply{}, fmt.Errorf("read the table: %w", err)
	}
	if err := inspect(reflect.ValueOf(table), "table", false); err != nil {
		return RouteReply{}, err
	}
	zone, err := time.LoadLocation(answer.zone)
	if err != nil {
		zone = time.UTC
	}
	var body bytes.Buffer
	if err := report.Write(ctx, &body, format, report.Of(name, table, zone)); err != nil {
		return RouteReply{}, fmt.Errorf("write the table: %w", err)
	}
	header := safe(answer.head.GetHeader())
	header["Content-Type"], header["Content-Disposition"] = report.MediaType(format), report.Disposition(format, name)
	return RouteReply{Status: int(answer.head.GetStatus()), Header: header, Body: body.Bytes()}, nil
}
