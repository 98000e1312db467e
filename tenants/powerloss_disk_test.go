package tenants_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
)

// sector is what a disk writes whole or not at all, in bytes.
const sector = 512

type opKind string

const (
	opWrite      opKind = "write"
	opTruncate   opKind = "truncate"
	opSync       opKind = "sync"
	opSyncFailed opKind = "failed sync"
	opCreate     opKind = "create"
	opRemove     opKind = "remove"
	opSyncFolder opKind = "sync folder"
)

// diskOp is one thing that SQLite asked the disk for.
type diskOp struct {
	kind   opKind
	inode  int
	name   string // of the file
	offset int64  // of a write; of truncate: the new size
	data   []byte
	covers int // a sync is about the operations before this position
}

// disk is the journal of a watched folder: all that was asked for, in order.
// A file is an inode that has a name until it is removed.
type disk struct {
	naming sync.Mutex // held while a name comes or goes, on the disk and here

	mu     sync.Mutex // guards what follows
	ops    []diskOp
	before [][]byte       // by inode: what the file held when it was first opened
	first  map[string]int // the names that were there already
	names  map[string]int // the names that are there now

	content [][]byte // room for what after returns, by inode

	// fault is asked before each write and each sync; its answer is SQLite's
	// code of the failure, or 0.
	fault func(diskOp) int32
}

// position is the number of operations so far.
func (d *disk) position() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.ops)
}

func (d *disk) note(op diskOp) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.ops = append(d.ops, op)
}

// fails asks the fault about an operation.
func (d *disk) fails(op diskOp) int32 {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.fault == nil {
		return 0
	}
	return d.fault(op)
}

// noteSync notes a sync with its result, and returns what SQLite is told. The
// failure of one is told to every handle of the file, as Linux does since 4.13:
// once, by the sync that ends next, which has stored what came since.
func (d *disk) noteSync(h *handle, op diskOp, result int32) int32 {
	d.mu.Lock()
	defer d.mu.Unlock()
	if result != 0 {
		op.kind = opSyncFailed
		handles.Range(func(_, other any) bool {
			if o := other.(*handle); o.disk == d && o.inode == h.inode {
				o.owed = result
			}
			return true
		})
	}
	d.ops = append(d.ops, op)
	result, h.owed = h.owed, 0
	if result == 0 && h.syncFolder {
		h.syncFolder = false
		d.ops = append(d.ops, diskOp{kind: opSyncFolder})
	}
	return result
}

// setFault changes what fails from now on; nil: nothing.
func (d *disk) setFault(fault func(diskOp) int32) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.fault = fault
}

func (d *disk) knows(path string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	_, known := d.names[filepath.Base(path)]
	return known
}

// open returns the inode of a name, a new one for a name that is not known.
func (d *disk) open(path string, fresh bool, before []byte) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	name := filepath.Base(path)
	inode, known := d.names[name]
	if known {
		return inode
	}
	inode = len(d.before)
	d.before, d.names[name] = append(d.before, before), inode
	if fresh {
		d.ops = append(d.ops, diskOp{kind: opCreate, inode: inode, name: name})
	} else {
		d.first[name] = inode
	}
	return inode
}

func (d *disk) remove(path string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	name := filepath.Base(path)
	inode := d.names[name]
	delete(d.names, name)
	d.ops = append(d.ops, diskOp{kind: opRemove, inode: inode, name: name})
}

// loss is a power loss at a position of the journal: what was synced is there;
// of the rest chance decides.
type loss struct {
	position int
	rand     *rand.Rand
	reach    float64 // part of what was not synced that reached the disk all the same
	torn     float64 // part of the writes that reached it sector by sector
}

func newLoss(position int, r *rand.Rand) loss {
	l := loss{position: position, rand: r, reach: r.Float64(), torn: r.Float64()}
	switch r.IntN(4) {
	case 0:
		l.reach = 0
	case 1:
		l.reach, l.torn = 1, 0
	}
	return l
}

func (l loss) String() string {
	return fmt.Sprintf("power loss at operation %d, %.0f %% of what was not synced stored, %.0f %% of it in parts", l.position, 100*l.reach, 100*l.torn)
}

// after returns the files, by name, that the next start finds after a loss.
// They are valid until it is called again.
func (d *disk) after(l loss) map[string][]byte {
	ops := d.ops[:l.position]
	names := l.folder(ops, d.first)
	for len(d.content) < len(d.before) {
		d.content = append(d.content, nil)
	}
	found := make([]bool, len(d.before))
	for _, inode := range names {
		found[inode] = true
		d.content[inode] = append(d.content[inode][:0], d.before[inode]...)
	}
	// In what order the writes reached the disk need not be tried apart: what a
	// sector can hold is what one of its writes left there, or none of them.
	for i, stored := range synced(ops) {
		op := ops[i]
		if !found[op.inode] {
			continue
		}
		content := &d.content[op.inode]
		switch {
		case op.kind == opWrite && stored:
			*content = written(*content, op.offset, op.data)
		case op.kind == opWrite:
			*content = l.write(*content, op)
		case op.kind == opTruncate && (stored || l.chance(l.reach)):
			*content = resized(*content, op.offset)
		}
	}
	files := map[string][]byte{}
	for name, inode := range names {
		files[name] = d.content[inode]
	}
	return files
}

// synced tells which of the operations on contents are certain to be stored. A
// sync that failed leaves what it was about uncertain for ever: the system may
// have dropped it, and a later sync says nothing about it.
func synced(ops []diskOp) []bool {
	certain := make([]bool, len(ops))
	waiting := map[int][]int{} // by inode
	for i, op := range ops {
		switch op.kind {
		case opWrite, opTruncate:
			waiting[op.inode] = append(waiting[op.inode], i)
		case opSync, opSyncFailed:
			covered, _ := slices.BinarySearch(waiting[op.inode], op.covers)
			for _, j := range waiting[op.inode][:covered] {
				certain[j] = op.kind == opSync
			}
			waiting[op.inode] = waiting[op.inode][covered:]
		}
	}
	return certain
}

// folder returns the names in the folder and their inodes. A name for itself
// has the state of the folder's last sync or a later one.
func (l loss) folder(ops []diskOp, first map[string]int) map[string]int {
	const gone = -1
	states := map[string][]int{}
	for name, inode := range first {
		states[name] = []int{inode}
	}
	for _, op := range ops {
		switch op.kind {
		case opCreate:
			if states[op.name] == nil {
				states[op.name] = []int{gone}
			}
			states[op.name] = append(states[op.name], op.inode)
		case opRemove:
			states[op.name] = append(states[op.name], gone)
		case opSyncFolder:
			for name, all := range states {
				states[name] = all[len(all)-1:]
			}
		}
	}
	names := map[string]int{}
	for _, name := range slices.Sorted(maps.Keys(states)) {
		if inode := states[name][l.rand.IntN(len(states[name]))]; inode != gone {
			names[name] = inode
		}
	}
	return names
}

func (l loss) chance(p float64) bool { return l.rand.Float64() < p }

// write stores what chance lets through of a write that was not synced.
func (l loss) write(content []byte, op diskOp) []byte {
	if !l.chance(l.torn) {
		if l.chance(l.reach) {
			content = written(content, op.offset, op.data)
		}
		return content
	}
	for data, offset := op.data, op.offset; len(data) > 0; {
		n := min(sector-int(offset%sector), len(data))
		if l.chance(l.reach) {
			content = written(content, offset, data[:n])
		}
		data, offset = data[n:], offset+int64(n)
	}
	return content
}

func written(content []byte, offset int64, data []byte) []byte {
	if end := offset + int64(len(data)); end > int64(len(content)) {
		content = resized(content, end)
	}
	copy(content[offset:], data)
	return content
}

func resized(content []byte, size int64) []byte {
	if size <= int64(len(content)) {
		return content[:size]
	}
	return append(content, make([]byte, size-int64(len(content)))...)
}

// restore writes the files that a power loss left in place of those of the
// database at path, under its name.
func restore(files map[string][]byte, database, path string) error {
	for _, suffix := range []string{"", "-wal", "-shm", "-journal"} {
		if err := os.RemoveAll(path + suffix); err != nil {
			return err
		}
	}
	for name, content := range files {
		suffix, ok := strings.CutPrefix(name, database)
		if !ok {
			return fmt.Errorf("a file %s was left that is not of %s", name, database)
		}
		if err := os.WriteFile(path+suffix, content, 0o600); err != nil {
			return err
		}
	}
	return nil
}
