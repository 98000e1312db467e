package kit_test

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"image"
	"io"
	"regexp"
	"strings"
	"testing"

	"github.com/fyne-io/oksvg"
	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/onboard/kit"
	"github.com/srwiley/rasterx"
	"github.com/xuri/excelize/v2"
	"image/color"
	"image/draw"
)

type pack = func(context.Context, io.Writer, kit.Site, func(int, int)) error

// unpack makes a pack and returns its files by name.
func unpack(t *testing.T, make pack, s kit.Site) map[string][]byte {
	t.Helper()
	var b bytes.Buffer
	if err := make(t.Context(), &b, s, nil); err != nil {
		t.Fatal(err)
	}
	archive, err := zip.NewReader(bytes.NewReader(b.Bytes()), int64(b.Len()))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{}
	for _, f := range archive.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		if _, twice := files[f.Name]; twice {
			t.Errorf("%s is there twice", f.Name)
		}
		files[f.Name] = content
	}
	return files
}

// hostile has labels that would be harmful as file names and as formulas.
func hostile() kit.Site {
	s := site(8)
	for i, label := range []string{"../../etc/passwd", `C:\con`, "a/b", "=1+1", "Łódź – Dún Aonghasa №5", "", "CON", strings.Repeat("long ", 60)} {
		s.Units[i].Label = label
	}
	return s
}

func TestQRPack(t *testing.T) {
	t.Parallel()
	s := hostile()
	files := unpack(t, kit.Printer{}.QRPack, s)
	safe := regexp.MustCompile(`^(labels\.pdf|index\.csv|(png|svg)/\d{3}(-[a-z0-9]+)*\.(png|svg))$`)
	for name := range files {
		if !safe.MatchString(name) || len(name) > 64 {
			t.Errorf("%q is not a safe name", name)
		}
	}
	if want := 2*len(s.Units) + 2; len(files) != want {
		t.Errorf("%d files, want %d", len(files), want)
	}
	rows, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(files["index.csv"], []byte("\xef\xbb\xbf")))).ReadAll()
	if err != nil || len(rows) != len(s.Units)+1 {
		t.Fatalf("the index has %d rows (%v)", len(rows), err)
	}
	if got := rows[4][1]; got != "'=1+1" {
		t.Errorf("the formula is written as %q", got)
	}
	for i, row := range rows[1:] {
		if row[4] != s.Units[i].URL {
			t.Errorf("line %d links to %s", i+2, row[4])
		}
		if got := scan(t, decodePNG(t, files[row[5]])); got != s.Units[i].URL {
			t.Errorf("%s holds %q", row[5], got)
		}
		if got := scan(t, drawSVG(t, files[row[6]])); got != s.Units[i].URL {
			t.Errorf("%s holds %q", row[6], got)
		}
	}
	if got := rows[5][5]; got != "png/005-lodz-dun-aonghasa-5.png" {
		t.Errorf("the file is called %q", got)
	}
}

func drawSVG(t *testing.T, data []byte) image.Image {
	t.Helper()
	icon, err := oksvg.ReadIconStream(bytes.NewReader(data), oksvg.StrictErrorMode)
	if err != nil {
		t.Fatal(err)
	}
	const side = 450
	img := image.NewRGBA(image.Rect(0, 0, side, side))
	draw.Draw(img, img.Bounds(), image.NewUniform(color.White), image.Point{}, draw.Src)
	icon.SetTarget(0, 0, side, side)
	icon.Draw(rasterx.NewDasher(side, side, rasterx.NewScannerGV(side, side, img, img.Bounds())), 1)
	return img
}

func TestLaunchKit(t *testing.T) {
	t.Parallel()
	s := site(5)
	files := unpack(t, kit.Printer{}.LaunchKit, s)
	for _, name := range documents {
		file := map[string]string{"labels": "qr-pack/labels.pdf", "letters": "welcome-letters.pdf"}[name]
		if file == "" {
			file = name + ".pdf"
		}
		if !bytes.Equal(files[file], document(t, s, name)) {
			t.Errorf("%s differs from the document on its own", file)
		}
	}
	if readme := string(files["README.txt"]); !strings.Contains(readme, "Harpur Lane: launch kit") || strings.Contains(readme, "{") {
		t.Errorf("the README is %q", readme)
	}
	if want := 5 + 2 + 2*len(s.Units); len(files) != want {
		t.Errorf("%d files, want %d", len(files), want)
	}
	checkUnitList(t, files["units.xlsx"], s)
}

func checkUnitList(t *testing.T, data []byte, s kit.Site) {
	t.Helper()
	file, err := excelize.OpenReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	rows, err := file.GetRows("Units")
	if err != nil || len(rows) != len(s.Units)+1 {
		t.Fatalf("%d rows (%v)", len(rows), err)
	}
	if got := strings.Join(rows[0], "|"); got != "No.|Unit|Address|Eircode|Link" {
		t.Errorf("the header is %s", got)
	}
	for i, u := range s.Units {
		if got := strings.Join(rows[i+1][1:], "|"); got != u.Label+"|"+u.Address+"|"+u.Postcode+"|"+u.URL {
			t.Errorf("row %d is %s", i+2, got)
		}
	}
	if formula, err := file.GetCellFormula("Units", "E2"); err != nil || !strings.HasPrefix(formula, "HYPERLINK(") {
		t.Errorf("the link is %q (%v)", formula, err)
	}
}

func TestPackSameBytes(t *testing.T) {
	t.Parallel()
	var a, b bytes.Buffer
	for _, w := range []*bytes.Buffer{&a, &b} {
		if err := (kit.Printer{}).LaunchKit(t.Context(), w, site(4), nil); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(a.Bytes(), b.Bytes()) {
		t.Error("two runs differ")
	}
}

func TestProgress(t *testing.T) {
	t.Parallel()
	for name, make := range map[string]pack{"QR pack": kit.Printer{}.QRPack, "launch kit": kit.Printer{}.LaunchKit} {
		last, all, calls := 0, 0, 0
		err := make(t.Context(), io.Discard, site(13), func(done, total int) {
			if done <= last || done > total {
				t.Errorf("%s: %d of %d after %d", name, done, total, last)
			}
			last, all, calls = done, total, calls+1
		})
		if err != nil || last != all || calls < 30 || calls > 101 {
			t.Errorf("%s: %d of %d in %d calls (%v)", name, last, all, calls, err)
		}
	}
}

// A cancelled pack stops wherever it is: each time at a later hundredth.
func TestCancelled(t *testing.T) {
	t.Parallel()
	for _, percent := range []int{1, 45, 90} {
		ctx, cancel := context.WithCancel(t.Context())
		last := 0
		err := kit.Printer{}.LaunchKit(ctx, io.Discard, site(40), func(done, total int) {
			last = done * 100 / total
			if last >= percent {
				cancel()
			}
		})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("cancelled at %d %%: got %v", percent, err)
		}
		if last > percent+15 {
			t.Errorf("cancelled at %d %%, and went on to %d %%", percent, last)
		}
		cancel()
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	empty, relative, endless := site(0), site(3), site(2)
	relative.Units[1].URL = "/q/abc"
	endless.Units[0].URL = "https://host/q/" + strings.Repeat("x", 600)
	for name, s := range map[string]kit.Site{"no units": empty, "relative link": relative, "endless link": endless} {
		if err := (kit.Printer{}).LaunchKit(t.Context(), io.Discard, s, nil); core.CodeOf(err) != core.Invalid {
			t.Errorf("%s: got %v, want invalid", name, err)
		}
	}
}

type full struct{ left int }

func (f *full) Write(p []byte) (int, error) {
	if f.left -= len(p); f.left < 0 {
		return 0, errors.New("no space left on device")
	}
	return len(p), nil
}

func TestFullDisk(t *testing.T) {
	t.Parallel()
	if err := (kit.Printer{}).QRPack(t.Context(), &full{left: 5000}, site(5), nil); err == nil || !strings.Contains(err.Error(), "no space left") {
		t.Errorf("got %v", err)
	}
}
