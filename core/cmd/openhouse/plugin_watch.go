package main

import (
	"context"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/fsnotify/fsnotify"
	"github.com/openhouse-ai/console/core/internal/app"
)

// quiet is how long nothing has to change before a build: an editor writes a
// file in several steps.
const quiet = 150 * time.Millisecond

// watch builds the plugin whenever a file in its folder changes, until ctx ends.
func (w *workbench) watch(ctx context.Context, a *app.App) error {
	watcher, err := fsnotify.NewWatcher()
	if err != nil {
		return fmt.Errorf("watch %s: %w", w.dir, err)
	}
	defer watcher.Close()
	if err := watchBelow(watcher, w.dir); err != nil {
		return fmt.Errorf("watch %s: %w", w.dir, err)
	}
	fmt.Fprintf(w.out, "Watching %s. Ctrl-C ends.\n\n", w.dir)
	settled := time.NewTimer(time.Hour)
	settled.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case event, open := <-watcher.Events:
			if !open {
				return nil
			}
			if event.Has(fsnotify.Create) {
				_ = watchBelow(watcher, event.Name) // a file, or a folder that is gone again
			}
			if matters(event) {
				settled.Reset(quiet)
			}
		case err := <-watcher.Errors:
			fmt.Fprintln(w.out, "watch:", err)
		case <-settled.C:
			w.again(ctx, a)
		}
	}
}

// watchBelow watches a folder and those in it, but what tools keep there.
func watchBelow(watcher *fsnotify.Watcher, dir string) error {
	return filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() {
			return err
		}
		if path != dir && (strings.HasPrefix(d.Name(), ".") || slices.Contains([]string{"dist", "node_modules", "testdata"}, d.Name())) {
			return filepath.SkipDir
		}
		return watcher.Add(path)
	})
}

// matters reports whether a change may change the plugin.
func matters(event fsnotify.Event) bool {
	name := filepath.Base(event.Name)
	if event.Op == fsnotify.Chmod || strings.HasPrefix(name, ".") || strings.HasSuffix(name, "~") || strings.HasSuffix(name, "_test.go") {
		return false
	}
	return slices.Contains([]string{".go", ".sql", ".mod", ".sum", ".html", ".csv", ".json", ".txt", ".yaml"}, filepath.Ext(name))
}
