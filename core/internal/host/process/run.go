package process

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// lockName is the file whose lock says that the host of a folder lives.
const lockName = "lock"

// Folder is one host's own, for the folders of its processes.
type Folder struct {
	Path string
	lock *os.File
}

// Claim makes a folder below run for this host and holds it until Release or
// until the host dies, however that may be.
func Claim(run string) (*Folder, error) {
	done, err := exclusively(run)
	if err != nil {
		return nil, err
	}
	defer done()
	path, err := os.MkdirTemp(run, "")
	if err != nil {
		return nil, fmt.Errorf("make the folder of this host: %w", err)
	}
	lock, err := seize(filepath.Join(path, lockName), syscall.LOCK_EX|syscall.LOCK_NB)
	if err != nil {
		return nil, fmt.Errorf("lock the folder of this host: %w", err)
	}
	return &Folder{Path: path, lock: lock}, nil
}

// Release removes the folder, with all that processes have left there.
func (f *Folder) Release() error {
	return errors.Join(os.RemoveAll(f.Path), f.lock.Close())
}

// Sweep removes what dead hosts have left below run. It kills nothing: their
// processes end by themselves. A living host's folder is left alone.
func Sweep(run string) error {
	done, err := exclusively(run)
	if err != nil {
		return err
	}
	defer done()
	entries, err := os.ReadDir(run)
	if err != nil {
		return fmt.Errorf("sweep %s: %w", run, err)
	}
	var problems []error
	for _, e := range entries {
		if !e.IsDir() {
			continue
		}
		path := filepath.Join(run, e.Name())
		lock, err := seize(filepath.Join(path, lockName), syscall.LOCK_EX|syscall.LOCK_NB)
		if errors.Is(err, syscall.EWOULDBLOCK) {
			continue // its host lives
		}
		if err == nil {
			err = errors.Join(os.RemoveAll(path), lock.Close())
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			problems = append(problems, fmt.Errorf("sweep %s: %w", path, err))
		}
	}
	return errors.Join(problems...)
}

// exclusively keeps two hosts from claiming and sweeping at once.
func exclusively(run string) (done func(), err error) {
	if err := os.MkdirAll(run, 0o700); err != nil {
		return nil, fmt.Errorf("make the folder of hosts: %w", err)
	}
	lock, err := seize(filepath.Join(run, "."+lockName), syscall.LOCK_EX)
	if err != nil {
		return nil, fmt.Errorf("lock the folder of hosts: %w", err)
	}
	return func() { _ = lock.Close() }, nil // closing unlocks it
}

// seize opens a file and locks it.
func seize(path string, how int) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	for {
		if err = syscall.Flock(int(f.Fd()), how); !errors.Is(err, syscall.EINTR) {
			break
		}
	}
	if err != nil {
		_ = f.Close() // nothing was written
		return nil, err
	}
	return f, nil
}
