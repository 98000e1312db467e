package tenants

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"time"

	"github.com/openhouse-ai/console/core"
)

// chunkSize is how much of a blob one row holds: small enough to stream, large
// enough that a row costs next to nothing.
const chunkSize = 256 << 10

// KindLogo is the kind of blob that a brand points to.
const KindLogo = "logo"

// BlobInfo describes bytes that lie in a tenant's file. PutBlob takes Name,
// Type, Kind and ExpiresAt, and fills the others.
type BlobInfo struct {
	ID        string
	Name      string // as a person knows it: launch-kit.zip
	Type      string // media type
	Kind      string // what it is for: logo, document, launch_kit; may be empty
	Size      int64
	SHA256    string // hex
	CreatedAt time.Time
	ExpiresAt *time.Time // nil: kept until it is deleted
}

const blobColumns = `id, name, type, kind, size, sha256, created_at, expires_at`

func scanBlob(row interface{ Scan(...any) error }) (b BlobInfo, err error) {
	var created int64
	var expires sql.NullInt64
	err = row.Scan(&b.ID, &b.Name, &b.Type, &b.Kind, &b.Size, &b.SHA256, &created, &expires)
	b.CreatedAt = time.UnixMilli(created).UTC()
	if expires.Valid {
		at := time.UnixMilli(expires.Int64).UTC()
		b.ExpiresAt = &at
	}
	return b, err
}

// PutBlob streams r into the tenant's file and returns what was stored.
// Returns conflict when the tenant's blob quota would be exceeded. The writer
// of the file waits for r meanwhile, so r should be a file or memory, not a
// slow connection.
func (t *Tx) PutBlob(ctx context.Context, info BlobInfo, r io.Reader) (BlobInfo, error) {
	free, err := t.blobQuota(ctx)
	if err != nil {
		return BlobInfo{}, fmt.Errorf("put blob %s: %w", info.Name, err)
	}
	info.ID, info.CreatedAt = core.NewID(core.PrefixBlob, t.Now), t.Now
	var expires any
	if info.ExpiresAt != nil {
		expires = info.ExpiresAt.UnixMilli()
	}
	// The row comes first, because its chunks reference it; size and hash are
	// known at the end.
	_, err = t.Exec(ctx, `
		insert into blobs (id, name, type, kind, size, sha256, created_at, expires_at)
		values (?, ?, ?, ?, 0, '', ?, ?)`, info.ID, info.Name, info.Type, info.Kind, t.Now.UnixMilli(), expires)
	if err != nil {
		return BlobInfo{}, fmt.Errorf("put blob %s: %w", info.Name, err)
	}
	if info.Size, info.SHA256, err = t.putChunks(ctx, info.ID, r, free); err != nil {
		return BlobInfo{}, fmt.Errorf("put blob %s: %w", info.Name, err)
	}
	if _, err = t.Exec(ctx, `update blobs set size = ?, sha256 = ? where id = ?`, info.Size, info.SHA256, info.ID); err != nil {
		return BlobInfo{}, fmt.Errorf("put blob %s: %w", info.Name, err)
	}
	return info, nil
}

func (t *Tx) putChunks(ctx context.Context, id string, r io.Reader, free int64) (size int64, sum string, err error) {
	digest, chunk := sha256.New(), make([]byte, chunkSize)
	for number := 0; ; number++ {
		n, err := io.ReadFull(r, chunk)
		if n > 0 {
			if size += int64(n); size > free {
				return 0, "", core.Errorf(core.Conflict, "The storage of this tenant is full. Delete files, or raise its quota.")
			}
			digest.Write(chunk[:n])
			if _, err := t.Exec(ctx, `insert into blob_chunks (blob_id, number, data) values (?, ?, ?)`, id, number, chunk[:n]); err != nil {
				return 0, "", err
			}
		}
		if err == io.EOF || err == io.ErrUnexpectedEOF {
			return size, hex.EncodeToString(digest.Sum(nil)), nil
		}
		if err != nil {
			return 0, "", err
		}
	}
}

// blobQuota returns how many bytes may still be stored.
func (t *Tx) blobQuota(ctx context.Context) (int64, error) {
	var quota, used int64
	err := t.QueryRow(ctx, `
		select coalesce((select body ->> 'blob_quota_bytes' from settings where id = 1), 0),
		       (select coalesce(sum(size), 0) from blobs)`).Scan(&quota, &used)
	if quota <= 0 {
		return 1 << 62, err
	}
	return quota - used, err
}

// Blob describes one blob. Returns not_found if there is none.
func (t *Tx) Blob(ctx context.Context, id string) (BlobInfo, error) {
	b, err := scanBlob(t.QueryRow(ctx, `select `+blobColumns+` from blobs where id = ?`, id))
	if errors.Is(err, sql.ErrNoRows) {
		return BlobInfo{}, core.Errorf(core.NotFound, "There is no such file.")
	}
	return b, err
}

// Blobs lists the blobs of a kind, oldest first; "" lists all.
func (t *Tx) Blobs(ctx context.Context, kind string) ([]BlobInfo, error) {
	rows, err := t.Query(ctx, `select `+blobColumns+` from blobs where ?1 = '' or kind = ?1 order by id`, kind)
	if err != nil {
		return nil, fmt.Errorf("list blobs: %w", err)
	}
	defer rows.Close()
	var list []BlobInfo
	for rows.Next() {
		b, err := scanBlob(rows)
		if err != nil {
			return nil, fmt.Errorf("list blobs: %w", err)
		}
		list = append(list, b)
	}
	return list, rows.Err()
}

// DeleteBlob removes a blob; its bytes are overwritten. Returns not_found if
// there is none.
func (t *Tx) DeleteBlob(ctx context.Context, id string) error {
	result, err := t.Exec(ctx, `delete from blobs where id = ?`, id)
	if err != nil {
		return fmt.Errorf("delete blob %s: %w", id, err)
	}
	if n, err := result.RowsAffected(); err != nil || n == 0 {
		return errors.Join(err, core.Errorf(core.NotFound, "There is no such file."))
	}
	return nil
}

// SweepBlobs removes the blobs whose time is over and returns how many.
func (t *Tx) SweepBlobs(ctx context.Context) (int, error) {
	result, err := t.Exec(ctx, `delete from blobs where expires_at <= ?`, t.Now.UnixMilli())
	if err != nil {
		return 0, fmt.Errorf("sweep blobs: %w", err)
	}
	n, err := result.RowsAffected()
	return int(n), err
}

// ReadBlob opens a blob for reading inside the transaction. Returns not_found
// if there is none, and an error when bytes are missing; the reader fails at
// the end when the bytes are not the ones that were stored.
func (t *Tx) ReadBlob(ctx context.Context, id string) (io.Reader, error) {
	info, err := t.Blob(ctx, id)
	if err != nil {
		return nil, err
	}
	var stored int64
	err = t.QueryRow(ctx, `select coalesce(sum(length(data)), 0) from blob_chunks where blob_id = ?`, id).Scan(&stored)
	if err == nil && stored != info.Size {
		err = fmt.Errorf("%d of %d bytes are there", stored, info.Size)
	}
	if err != nil {
		return nil, fmt.Errorf("read blob %s: %w", id, err)
	}
	return &blobReader{ctx: ctx, tx: t, info: info, digest: sha256.New()}, nil
}

func (t *Tx) copyBlob(ctx context.Context, id string, w io.Writer) (BlobInfo, error) {
	info, err := t.Blob(ctx, id)
	if err != nil {
		return info, err
	}
	r, err := t.ReadBlob(ctx, id)
	if err == nil {
		_, err = io.Copy(w, r)
	}
	return info, err
}

// blobReader reads a blob chunk by chunk and checks its hash at the end.
type blobReader struct {
	ctx    context.Context
	tx     *Tx
	info   BlobInfo
	number int
	chunk  []byte // not yet handed out
	digest hash.Hash
}

func (r *blobReader) Read(p []byte) (int, error) {
	if len(r.chunk) == 0 {
		if err := r.next(); err != nil {
			return 0, err
		}
	}
	n := copy(p, r.chunk)
	r.chunk = r.chunk[n:]
	return n, nil
}

func (r *blobReader) next() error {
	err := r.tx.QueryRow(r.ctx, `select data from blob_chunks where blob_id = ? and number = ?`, r.info.ID, r.number).Scan(&r.chunk)
	if errors.Is(err, sql.ErrNoRows) {
		if hex.EncodeToString(r.digest.Sum(nil)) != r.info.SHA256 {
			return fmt.Errorf("read blob %s: its bytes have changed", r.info.ID)
		}
		return io.EOF
	}
	if err != nil {
		return fmt.Errorf("read blob %s: %w", r.info.ID, err)
	}
	r.digest.Write(r.chunk)
	r.number++
	return nil
}
