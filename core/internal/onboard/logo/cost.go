package logo

import (
	"math"
	"regexp"

	"github.com/srwiley/rasterx"
)

// What drawing may cost, in measures that do not depend on the resolution: a
// hostile drawing is refused in about a second, and no honest one comes near.
const (
	maxCost     = 20_000 // sum of the roots of all lengths, in canvases
	maxPainted  = 500    // canvases filled
	maxReach    = 100    // canvases from one point to the next
	checkedSide = 256    // pixels of the drawing that Clean tries
)

var errComplex = refuse("is too complex to draw; simplify it")

// cost is the work of flattening a shape into lines: the drawing library parts
// a curve into as many as the root of its length. Unit is the canvas that one
// unit of the shape covers, line its line width in canvases.
func cost(e *element, unit, line float64) float64 {
	sum := 0.0
	x, y := 0.0, 0.0
	add := func(length float64) {
		if length *= unit; length > maxReach {
			sum = math.Inf(1)
		}
		sum += math.Sqrt(length) + math.Sqrt(line)
	}
	for _, name := range []string{"x", "y", "x1", "y1", "x2", "y2", "cx", "cy", "r", "rx", "ry", "width", "height"} {
		if n, err := parseNumber(e.attrs[name]); err == nil {
			add(math.Abs(n))
		}
	}
	for _, n := range pairs(e) {
		if n != [2]float64{x, y} {
			add(math.Hypot(n[0]-x, n[1]-y))
			x, y = n[0], n[1]
		}
	}
	return sum
}

// pairs lists the points of a path or a polygon. The numbers of an arc, seven
// in all, count as its radii, its end and a little more.
func pairs(e *element) [][2]float64 {
	var points [][2]float64
	for _, text := range []string{e.attrs["d"], e.attrs["points"]} {
		numbers := writtenNumber.FindAllString(text, -1)
		for i := 0; i+1 < len(numbers); i += 2 {
			a, _ := parseNumber(numbers[i])
			b, _ := parseNumber(numbers[i+1])
			points = append(points, [2]float64{a, b})
		}
	}
	return points
}

// writtenNumber is a number as this package writes it.
var writtenNumber = regexp.MustCompile(`-?[0-9.]+`)

// zoomOf is how much a matrix enlarges.
func zoomOf(m rasterx.Matrix2D) float64 { return math.Sqrt(math.Abs(m.A*m.D - m.B*m.C)) }
