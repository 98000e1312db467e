package access

import (
	"sync"
	"time"

	"github.com/openhouse-ai/console/core"
)

// heldFor is how long a key is known without looking it up: a portal that
// reports every event by itself shows its key hundreds of times a second.
const heldFor = time.Second

// mostHeld bounds how many keys are known at a time.
const mostHeld = 4096

// heldKeys are the keys that were looked up a moment ago, by their fingerprint.
// Revoking one drops all of them, so that a key ends at once.
type heldKeys struct {
	mu         sync.Mutex
	generation int
	keys       map[string]heldKey
}

type heldKey struct {
	key core.Key
	at  time.Time
}

// find returns a key that is still held, and the generation that a look-up
// belongs to.
func (h *heldKeys) find(fingerprint string, now time.Time) (key core.Key, found bool, generation int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	held, found := h.keys[fingerprint]
	age := now.Sub(held.at)
	return held.key, found && age >= 0 && age < heldFor, h.generation
}

// hold keeps a key that was looked up, unless keys were dropped meanwhile.
func (h *heldKeys) hold(fingerprint string, key core.Key, at time.Time, generation int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if generation != h.generation {
		return
	}
	if h.keys == nil || len(h.keys) >= mostHeld {
		h.keys = map[string]heldKey{}
	}
	h.keys[fingerprint] = heldKey{key, at}
}

// drop forgets all keys.
func (h *heldKeys) drop() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.generation++
	h.keys = nil
}
