package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
)

// pluginPack builds what an operator installs: the binary, its manifest and its
// lines for plugins.yaml. The same source and the same Go give the same bytes.
func pluginPack(ctx context.Context, args []string) error {
	flags := newFlags("plugin pack", "DIR -o OUT")
	out := flags.String("o", "", "`DIR` to write to")
	words, err := flags.take(args, 1)
	if err != nil {
		return err
	}
	if *out == "" {
		return exit{2, fmt.Errorf("openhouse plugin pack: -o names the folder to write to")}
	}
	if err := os.MkdirAll(*out, 0o755); err != nil {
		return err
	}
	temp, err := os.MkdirTemp(*out, ".pack")
	if err != nil {
		return err
	}
	defer os.RemoveAll(temp)
	b, err := makePlugin(ctx, words[0], temp)
	if err != nil {
		return err
	}
	var manifest bytes.Buffer
	if err := json.Indent(&manifest, b.raw, "", "  "); err != nil {
		return err
	}
	manifest.WriteByte('\n')
	id := b.manifest.ID
	if err := os.Rename(b.path, filepath.Join(*out, id)); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(*out, id+".manifest.json"), manifest.Bytes(), 0o644); err != nil {
		return err
	}
	lines := b.listing(id)
	if err := os.WriteFile(filepath.Join(*out, "plugins.yaml"), []byte(lines), 0o644); err != nil {
		return err
	}
	fmt.Printf("%s %s is in %s. These lines of plugins.yaml run it, and grant what it asks for:\n\n%s", b.manifest.Name, b.manifest.Version, *out, lines)
	return nil
}
