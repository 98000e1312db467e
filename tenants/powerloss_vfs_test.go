package tenants_test

import (
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"unsafe"

	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"
)

// SQLite reaches the operating system through a table of functions, its VFS.
// watch puts one before the usual VFS, for the whole process: what concerns a
// watched folder is written down and can be made to fail, and all other files
// are opened by the usual VFS alone. The index of a write-ahead log (-shm) does
// not come by here; no power loss leaves it.
var (
	usualVFS *sqlite3.Tsqlite3_vfs
	usualAt  uintptr
	methods  sync.Map // address of the usual methods of a kind of file → address of those in their place
	watched  sync.Map // folder → *disk
	handles  sync.Map // address of an open file → *handle
)

// handle is an open file of a watched folder.
type handle struct {
	disk       *disk
	inode      int
	name       string
	usual      *sqlite3.Tsqlite3_io_methods
	owed       int32 // what the next sync answers, because one through another handle has failed; guarded by disk.mu
	syncFolder bool  // the next sync is followed by one of the folder; SQLite's rule for a log that it may have made
}

// watch writes down what SQLite does in a folder until the test ends.
func watch(t testing.TB, dir string) *disk {
	t.Helper()
	must(t, standBeforeUsualVFS())
	dir, err := filepath.EvalSymlinks(dir)
	must(t, err)
	d := &disk{first: map[string]int{}, names: map[string]int{}}
	watched.Store(dir, d)
	t.Cleanup(func() { watched.Delete(dir) })
	return d
}

var standBeforeUsualVFS = sync.OnceValue(func() error {
	tls := libc.NewTLS()
	defer tls.Close()
	name, err := libc.CString("watching")
	if err != nil {
		return err
	}
	usualAt = sqlite3.Xsqlite3_vfs_find(tls, 0)
	usualVFS = at[sqlite3.Tsqlite3_vfs](usualAt)
	vfs := *usualVFS
	vfs.FpNext, vfs.FzName = 0, name
	vfs.FxOpen, vfs.FxDelete = addressOf(watchingOpen), addressOf(watchingDelete)
	if result := sqlite3.Xsqlite3_vfs_register(tls, placed(tls, vfs), 1); result != sqlite3.SQLITE_OK {
		return fmt.Errorf("register the VFS: %d", result)
	}
	return nil
})

// at is what SQLite keeps at an address.
func at[T any](address uintptr) *T { return *(**T)(unsafe.Pointer(&address)) }

// placed copies a table of functions to where SQLite finds it, for good.
func placed[T any](tls *libc.TLS, table T) uintptr {
	address := libc.Xmalloc(tls, libc.Tsize_t(unsafe.Sizeof(table)))
	*at[T](address) = table
	return address
}

// addressOf is where SQLite finds a function, which must not be a closure.
func addressOf[F any](f F) uintptr { return *(*uintptr)(unsafe.Pointer(&f)) }

// function is the function at an address.
func function[F any](address uintptr) F { return *(*F)(unsafe.Pointer(&address)) }

func watchingOpen(tls *libc.TLS, _, name, file uintptr, flags int32, outFlags uintptr) int32 {
	open := function[func(*libc.TLS, uintptr, uintptr, uintptr, int32, uintptr) int32](usualVFS.FxOpen)
	d, path := diskOf(name)
	if d == nil {
		return open(tls, usualAt, name, file, flags, outFlags)
	}
	d.naming.Lock()
	defer d.naming.Unlock()
	_, err := os.Stat(path)
	fresh := err != nil
	var before []byte
	if !fresh && !d.knows(path) { // later it may be locked, and a lock ends when any descriptor is closed
		if before, err = os.ReadFile(path); err != nil {
			return sqlite3.SQLITE_CANTOPEN
		}
	}
	if result := open(tls, usualAt, name, file, flags, outFlags); result != sqlite3.SQLITE_OK {
		return result
	}
	opened := at[sqlite3.Tsqlite3_file](file)
	const logs = sqlite3.SQLITE_OPEN_WAL | sqlite3.SQLITE_OPEN_MAIN_JOURNAL
	handles.Store(file, &handle{disk: d, inode: d.open(path, fresh, before), name: filepath.Base(path),
		usual: at[sqlite3.Tsqlite3_io_methods](opened.FpMethods), syncFolder: flags&logs != 0 && flags&sqlite3.SQLITE_OPEN_CREATE != 0})
	opened.FpMethods = watchingMethods(tls, opened.FpMethods)
	return sqlite3.SQLITE_OK
}

// watchingMethods are put in the place of usual ones.
func watchingMethods(tls *libc.TLS, usual uintptr) uintptr {
	if known, ok := methods.Load(usual); ok {
		return known.(uintptr)
	}
	m := *at[sqlite3.Tsqlite3_io_methods](usual)
	m.FxClose, m.FxWrite = addressOf(watchingClose), addressOf(watchingWrite)
	m.FxTruncate, m.FxSync = addressOf(watchingTruncate), addressOf(watchingSync)
	kept, _ := methods.LoadOrStore(usual, placed(tls, m))
	return kept.(uintptr)
}

// diskOf returns the watched folder that a file lies in, or nil.
func diskOf(name uintptr) (*disk, string) {
	if name == 0 { // a temporary file
		return nil, ""
	}
	path := libc.GoString(name)
	d, ok := watched.Load(filepath.Dir(path))
	if !ok {
		return nil, path
	}
	return d.(*disk), path
}

func handleOf(file uintptr) *handle {
	h, _ := handles.Load(file)
	return h.(*handle)
}

func watchingDelete(tls *libc.TLS, _, name uintptr, syncFolder int32) int32 {
	remove := function[func(*libc.TLS, uintptr, uintptr, int32) int32](usualVFS.FxDelete)
	d, path := diskOf(name)
	if d == nil {
		return remove(tls, usualAt, name, syncFolder)
	}
	d.naming.Lock()
	defer d.naming.Unlock()
	result := remove(tls, usualAt, name, syncFolder)
	if result == sqlite3.SQLITE_OK {
		d.remove(path)
		if syncFolder != 0 {
			d.note(diskOp{kind: opSyncFolder})
		}
	}
	return result
}

func watchingClose(tls *libc.TLS, file uintptr) int32 {
	usual := handleOf(file).usual
	handles.Delete(file)
	return function[func(*libc.TLS, uintptr) int32](usual.FxClose)(tls, file)
}

func watchingWrite(tls *libc.TLS, file, bytes uintptr, n int32, offset int64) int32 {
	h := handleOf(file)
	data := append([]byte(nil), unsafe.Slice(at[byte](bytes), n)...)
	result := h.disk.fails(diskOp{kind: opWrite, inode: h.inode, name: h.name, offset: offset, data: data})
	if result != sqlite3.SQLITE_OK { // a part has got through
		n = n / 2 / sector * sector
		data = data[:n]
	}
	if n == 0 {
		return result
	}
	h.disk.note(diskOp{kind: opWrite, inode: h.inode, offset: offset, data: data})
	write := function[func(*libc.TLS, uintptr, uintptr, int32, int64) int32](h.usual.FxWrite)
	if written := write(tls, file, bytes, n, offset); written != sqlite3.SQLITE_OK {
		return written
	}
	return result
}

func watchingTruncate(tls *libc.TLS, file uintptr, size int64) int32 {
	h := handleOf(file)
	h.disk.note(diskOp{kind: opTruncate, inode: h.inode, offset: size})
	return function[func(*libc.TLS, uintptr, int64) int32](h.usual.FxTruncate)(tls, file, size)
}

func watchingSync(tls *libc.TLS, file uintptr, flags int32) int32 {
	h := handleOf(file)
	op := diskOp{kind: opSync, inode: h.inode, name: h.name, covers: h.disk.position()}
	if result := h.disk.fails(op); result != sqlite3.SQLITE_OK {
		return h.disk.noteSync(h, op, result)
	}
	result := function[func(*libc.TLS, uintptr, int32) int32](h.usual.FxSync)(tls, file, flags)
	if result != sqlite3.SQLITE_OK {
		return result
	}
	return h.disk.noteSync(h, op, sqlite3.SQLITE_OK)
}
