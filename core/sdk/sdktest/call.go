package sdktest

import (
	"context"
	"database/sql"
	"strings"

	"github.com/openhouse-ai/console/core/sdk"
)

// parked is a call that a test has taken out of a job.
type parked struct {
	call  sdk.Call
	leave chan struct{}
}

const parkingPrefix = "sdktest-"

func isParking(id string) bool { return strings.HasPrefix(id, parkingPrefix) }

// parking are jobs that hand their call to the test and wait for its end.
func (r *room) parking() []sdk.Job {
	var jobs []sdk.Job
	for _, scope := range []sdk.Scope{sdk.Tenant, sdk.Platform} {
		jobs = append(jobs, sdk.Job{ID: parkingPrefix + string(scope), Summary: "Gives the test a call.", Schedule: "0 0 1 1 *", Scope: scope,
			Run: func(ctx context.Context, c sdk.Call) (string, error) {
				p := parked{c, make(chan struct{})}
				select {
				case r.calls <- p:
				case <-ctx.Done():
					return "", ctx.Err()
				}
				select {
				case <-p.leave:
				case <-ctx.Done():
				}
				return "", nil
			}})
	}
	return jobs
}

// Call is a call of the plugin in the tenant, with the rights of a job, to
// test the plugin's own functions with. It ends with the test.
func (c *Console) Call() sdk.Call {
	c.t.Helper()
	scope := sdk.Tenant
	if c.Tenant == "" {
		scope = sdk.Platform
	}
	task, _ := c.rooms.task(c.plugin.ID + "." + parkingPrefix + string(scope))
	failed := make(chan error, 1)
	go func() {
		_, err := task.Run(c.Context(), c.Tenant, func(int, int) {})
		failed <- err
	}()
	select {
	case p := <-c.calls:
		c.t.Cleanup(func() {
			close(p.leave)
			<-failed
		})
		return p.call
	case err := <-failed:
		c.t.Fatalf("open a call: %v", err)
		return sdk.Call{}
	}
}

// DB is the tenant's file with the rights of the plugin: its own tables, and
// the columns that it was granted.
func (c *Console) DB() *sql.DB {
	c.t.Helper()
	return c.Call().DB()
}
