package tenants

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/openhouse-ai/console/core"
)

// StagedFile is an upload that lies under a region's root before its tenant
// exists. Stage takes Name, Type and Owner, and fills the others.
type StagedFile struct {
	ID        string
	Region    string
	Owner     string // id of the work that needs it; empty: nobody has taken it yet
	Name      string // as it was uploaded
	Type      string // media type
	Size      int64
	SHA256    string // hex
	CreatedAt time.Time
}

// Stage streams r into a file of the region. Returns invalid when r holds more
// than limit bytes, and then nothing is kept.
func (s *Store) Stage(ctx context.Context, region string, u StagedFile, r io.Reader, limit int64) (StagedFile, error) {
	root, err := s.root(region)
	if err != nil {
		return StagedFile{}, err
	}
	u.Region, u.CreatedAt = region, s.now()
	u.ID = core.NewID(core.PrefixUpload, u.CreatedAt)
	// The row comes first, so that a sweep finds whatever a crash leaves behind.
	err = s.UpdateControl(ctx, func(tx *Tx) error {
		_, err := tx.Exec(ctx, `insert into staged_files (id, region, owner, name, type, created_at) values (?, ?, ?, ?, ?, ?)`,
			u.ID, u.Region, u.Owner, u.Name, u.Type, u.CreatedAt.UnixMilli())
		return err
	})
	if err != nil {
		return StagedFile{}, fmt.Errorf("stage %s: %w", u.ID, err)
	}
	if u.Size, u.SHA256, err = writeStaged(root, u.ID, r, limit); err == nil {
		err = s.UpdateControl(ctx, func(tx *Tx) error {
			_, err := tx.Exec(ctx, `update staged_files set size = ?, sha256 = ? where id = ?`, u.Size, u.SHA256, u.ID)
			return err
		})
	}
	if err != nil {
		return StagedFile{}, fmt.Errorf("stage %s: %w", u.ID, errors.Join(err, s.Unstage(context.WithoutCancel(ctx), u.ID)))
	}
	return u, nil
}

func stagedPath(id string) string { return filepath.Join(stagingFolder, id) }

func writeStaged(root *os.Root, id string, r io.Reader, limit int64) (size int64, sum string, err error) {
	file, err := root.OpenFile(stagedPath(id), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return 0, "", explain(err)
	}
	defer file.Close()
	digest := sha256.New()
	size, err = io.Copy(io.MultiWriter(file, digest), io.LimitReader(r, limit+1))
	switch {
	case err != nil:
		return 0, "", explain(err)
	case size > limit:
		return 0, "", core.Errorf(core.Invalid, "The file is larger than %d bytes, the most that is taken here.", limit)
	}
	return size, hex.EncodeToString(digest.Sum(nil)), explain(file.Sync())
}

// Staged describes a staged file and opens it; the caller closes it. Returns
// not_found if there is none, and an error when its size is not the stored one.
func (s *Store) Staged(ctx context.Context, id string) (StagedFile, io.ReadCloser, error) {
	u, err := s.findStaged(ctx, id)
	if err != nil {
		return StagedFile{}, nil, err
	}
	root, err := s.root(u.Region)
	if err != nil {
		return StagedFile{}, nil, err
	}
	file, err := root.Open(stagedPath(id))
	if err != nil {
		return StagedFile{}, nil, fmt.Errorf("open staged file %s: %w", id, err)
	}
	info, err := file.Stat()
	if err == nil && info.Size() != u.Size {
		err = fmt.Errorf("open staged file %s: %d of %d bytes are there", id, info.Size(), u.Size)
	}
	if err != nil {
		file.Close()
		return StagedFile{}, nil, err
	}
	return u, file, nil
}

func (s *Store) findStaged(ctx context.Context, id string) (u StagedFile, err error) {
	if !core.ValidID(core.PrefixUpload, id) {
		return u, core.Errorf(core.NotFound, "There is no such upload.")
	}
	err = s.ViewControl(ctx, func(tx *Tx) error {
		var created int64
		err := tx.QueryRow(ctx, `
			select id, region, owner, name, type, size, sha256, created_at
			from staged_files where id = ? and size >= 0`, id).
			Scan(&u.ID, &u.Region, &u.Owner, &u.Name, &u.Type, &u.Size, &u.SHA256, &created)
		u.CreatedAt = time.UnixMilli(created).UTC()
		return err
	})
	if errors.Is(err, sql.ErrNoRows) {
		return u, core.Errorf(core.NotFound, "There is no such upload.")
	}
	return u, err
}

// Unstage removes a staged file; one that is gone already is no error.
func (s *Store) Unstage(ctx context.Context, id string) error {
	if !core.ValidID(core.PrefixUpload, id) {
		return nil
	}
	return s.UpdateControl(ctx, func(tx *Tx) error {
		var region string
		err := tx.QueryRow(ctx, `delete from staged_files where id = ? returning region`, id).Scan(&region)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("unstage %s: %w", id, err)
		}
		root, err := s.root(region)
		if err != nil {
			return err
		}
		if err := root.Remove(stagedPath(id)); err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("unstage %s: %w", id, err)
		}
		return nil
	})
}

// AdoptStaged gives a staged file that nobody has taken to an owner. Returns
// conflict when it is gone or belongs to another.
func AdoptStaged(ctx context.Context, tx *Tx, id, owner string) error {
	result, err := tx.Exec(ctx, `update staged_files set owner = ?1 where id = ?2 and owner in ('', ?1)`, owner, id)
	if err != nil {
		return fmt.Errorf("adopt staged file %s: %w", id, err)
	}
	if n, err := result.RowsAffected(); err != nil || n == 0 {
		return errors.Join(err, core.Errorf(core.Conflict, "This upload is used by something else already; upload the file again."))
	}
	return nil
}

// StagedOwners lists everybody whom a staged file belongs to.
func StagedOwners(ctx context.Context, tx *Tx) ([]string, error) {
	return stagedTexts(ctx, tx, `select distinct owner from staged_files where owner <> '' order by owner`)
}

// UnstageOwned removes every staged file of an owner, finished or not.
func (s *Store) UnstageOwned(ctx context.Context, owner string) error {
	_, err := s.unstageAll(ctx, `select id from staged_files where owner = ? and owner <> ''`, owner)
	return err
}

// SweepStaged removes what was staged before olderThan, finished or not, and
// the temporary files that a crash has left behind by then. It returns how many
// staged files it was.
func (s *Store) SweepStaged(ctx context.Context, olderThan time.Time) (n int, err error) {
	n, err = s.unstageAll(ctx, `select id from staged_files where created_at < ? order by created_at`, olderThan.UnixMilli())
	if err != nil {
		return n, err
	}
	for _, root := range s.roots {
		if err := sweepTemporary(root, olderThan); err != nil {
			return n, fmt.Errorf("sweep temporary files: %w", err)
		}
	}
	return n, nil
}

// unstageAll removes the staged files whose ids a query selects.
func (s *Store) unstageAll(ctx context.Context, query string, args ...any) (n int, err error) {
	var ids []string
	err = s.ViewControl(ctx, func(tx *Tx) (err error) {
		ids, err = stagedTexts(ctx, tx, query, args...)
		return err
	})
	if err != nil {
		return 0, err
	}
	for _, id := range ids {
		if err := s.Unstage(ctx, id); err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

func stagedTexts(ctx context.Context, tx *Tx, query string, args ...any) (texts []string, err error) {
	rows, err := tx.Query(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("list staged files: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			return nil, fmt.Errorf("list staged files: %w", err)
		}
		texts = append(texts, text)
	}
	return texts, rows.Err()
}
