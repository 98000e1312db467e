package sdktest

import (
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/openhouse-ai/console/core/sdk"
)

// recorder is a test that writes down what it is told instead of failing.
type recorder struct {
	testing.TB
	mu      sync.Mutex
	said    []string
	cleanup []func()
}

func (r *recorder) note(text string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.said = append(r.said, text)
}

func (r *recorder) Error(args ...any)                 { r.note(fmt.Sprint(args...)) }
func (r *recorder) Errorf(format string, args ...any) { r.note(fmt.Sprintf(format, args...)) }
func (r *recorder) Log(...any)                        {}
func (r *recorder) Helper()                           {}
func (r *recorder) Cleanup(fn func())                 { r.cleanup = append(r.cleanup, fn) }

func (r *recorder) Fatal(args ...any) {
	r.Error(args...)
	runtime.Goexit()
}

func (r *recorder) Fatalf(format string, args ...any) {
	r.Errorf(format, args...)
	runtime.Goexit()
}

func (r *recorder) Failed() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.said) > 0
}

// Try tries one promise, and returns what was said of the plugin.
func Try(t testing.TB, name string, p sdk.Plugin, with ...Option) string {
	r := &recorder{TB: t}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for _, promise := range promises {
			if promise.name == name {
				promise.keeps(r, p, with)
				return
			}
		}
		r.Errorf("there is no promise %q", name)
	}()
	<-done
	done = make(chan struct{})
	go func() {
		defer close(done)
		for i := len(r.cleanup) - 1; i >= 0; i-- {
			r.cleanup[i]()
		}
	}()
	<-done
	return strings.Join(r.said, "\n")
}
