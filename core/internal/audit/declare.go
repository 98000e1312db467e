package audit

import (
	"maps"
	"strings"
	"sync"
)

// declared are the actions of plugins, by the plugin and the verb behind it.
type declared struct {
	mu sync.RWMutex
	of map[string]map[string]string
}

// Declare says what a plugin may record: the verbs behind its prefix
// (note.create), and how each reads between actor and target ("added note to").
// It replaces what was declared for the prefix before; nil takes it away, and
// records that are there stay readable.
func (l *Log) Declare(prefix string, actions map[string]string) {
	l.declared.mu.Lock()
	defer l.declared.mu.Unlock()
	if l.declared.of == nil {
		l.declared.of = map[string]map[string]string{}
	}
	l.declared.of[prefix] = maps.Clone(actions)
}

// known returns the action of a name: one of the console's own, or a plugin's.
func (l *Log) known(name string) (action, bool) {
	if own, listed := actions[name]; listed {
		return own, true
	}
	prefix, verb, _ := strings.Cut(name, ".")
	l.declared.mu.RLock()
	defer l.declared.mu.RUnlock()
	sentence, listed := l.declared.of[prefix][verb]
	return action{sentence: sentence}, listed
}

// sentence is how an action reads between actor and target. What nobody knows
// any more, because its plugin is gone, is told by its name.
func (l *Log) sentence(name string) string {
	if known, listed := l.known(name); listed && known.sentence != "" {
		return known.sentence
	}
	prefix, verb, _ := strings.Cut(name, ".")
	return "did “" + strings.NewReplacer(".", " ", "_", " ").Replace(verb) + "” of " + prefix + " on"
}
