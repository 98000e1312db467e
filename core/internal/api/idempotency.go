package api

import (
	"bytes"
	"context"
	"crypto/sha256"
	"mime"
	"strings"
	"sync"

	"github.com/gofiber/fiber/v2"
	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
)

// keysPath is where API keys are made.
const keysPath = adminPrefix + "/keys"

// maxKey bounds an Idempotency-Key, in bytes.
const maxKey = 200

// answered is a stored answer to a create.
type answered struct {
	request  [32]byte
	status   int
	location string
	etag     string
	body     []byte
}

// idempotent answers a create that has been carried out before with what it
// answered then. Only success is kept: a refused request changed nothing and
// may be mended under the same key. A process that dies between the change and
// its note here carries a repetition out again, where the names that must be
// unique refuse it.
//
// POST /api/admin/provision/developer keeps its keys with its runs instead, and
// the answer of POST /api/admin/keys holds a secret, which is never stored.
// Usage events are identified each by itself.
func (a *api) idempotent(c *fiber.Ctx) error {
	key := c.Get("Idempotency-Key")
	// Routes are found in any case of letters and with a slash at the end.
	path := strings.ToLower(strings.TrimRight(c.Path(), "/"))
	if key == "" || !keepsAnswer(c.Method(), path) {
		return c.Next()
	}
	if len(key) > maxKey {
		return core.Problems{{Field: "Idempotency-Key", Reason: "is longer than 200 characters"}}.Err()
	}
	ctx, actor := c.UserContext(), core.ActorOf(c.UserContext())
	name := sha256.Sum256([]byte(actor.ID + "\x00" + path + "\x00" + key))
	request := fingerprint(c.Get(fiber.HeaderContentType), c.Body())
	defer a.busy.lock(name)()
	tenant := storesIn(actor, path)
	before, found, err := a.findAnswer(ctx, tenant, name[:])
	if err != nil {
		return err
	}
	if found {
		return replay(c, before, request)
	}
	if err := c.Next(); err != nil {
		return err
	}
	status := c.Response().StatusCode()
	if status < 200 || status > 299 {
		return nil
	}
	return a.keepAnswer(ctx, tenant, name[:], answered{
		request: request, status: status, body: bytes.Clone(c.Response().Body()),
		location: string(c.Response().Header.Peek(fiber.HeaderLocation)), etag: string(c.Response().Header.Peek(fiber.HeaderETag)),
	})
}

// fingerprint tells requests apart. A form's boundary is no part of what it
// says: clients draw another one for each repetition.
func fingerprint(contentType string, body []byte) [32]byte {
	if _, params, err := mime.ParseMediaType(contentType); err == nil && params["boundary"] != "" {
		body = bytes.ReplaceAll(body, []byte(params["boundary"]), nil)
	}
	return sha256.Sum256(body)
}

// keepsAnswer reports whether the answer of a create is kept here.
func keepsAnswer(method, path string) bool {
	return method == fiber.MethodPost && path != provisionPath && path != keysPath && path != tracesPath && !isEvents(path)
}

func replay(c *fiber.Ctx, before answered, request [32]byte) error {
	if before.request != request {
		return core.Errorf(core.Conflict, "This Idempotency-Key came with another request before; use a new one.")
	}
	for name, value := range map[string]string{fiber.HeaderLocation: before.location, fiber.HeaderETag: before.etag} {
		if value != "" {
			c.Set(name, value)
		}
	}
	c.Set("Idempotency-Replayed", "true")
	c.Set(fiber.HeaderContentType, fiber.MIMEApplicationJSON)
	return c.Status(before.status).Send(before.body)
}

// storesIn is the tenant in whose file an answer is kept: what a tenant is
// told stays in its file. Empty is the control database.
func storesIn(actor core.Actor, path string) core.TenantID {
	if actor.Tenant != "" {
		return actor.Tenant
	}
	rest, ok := strings.CutPrefix(path, adminPrefix+"/tenants/")
	if !ok {
		return ""
	}
	id, _, _ := strings.Cut(rest, "/")
	if tenant, err := core.ParseTenantID(id); err == nil {
		return tenant
	}
	return ""
}

func (a *api) findAnswer(ctx context.Context, tenant core.TenantID, name []byte) (before answered, found bool, err error) {
	view := a.Tenants.ViewControl
	if tenant != "" {
		view = func(ctx context.Context, fn func(*tenants.Tx) error) error { return a.Tenants.View(ctx, tenant, fn) }
	}
	err = view(ctx, func(tx *tenants.Tx) (err error) {
		before, found, err = findAnswer(ctx, tx, name)
		return err
	})
	return before, found, err
}

func (a *api) keepAnswer(ctx context.Context, tenant core.TenantID, name []byte, answer answered) error {
	update := a.Tenants.UpdateControl
	if tenant != "" {
		update = func(ctx context.Context, fn func(*tenants.Tx) error) error { return a.Tenants.Update(ctx, tenant, fn) }
	}
	return update(ctx, func(tx *tenants.Tx) error { return insertAnswer(ctx, tx, name, answer) })
}

// keyLocks lets one request of a key through at a time.
type keyLocks struct {
	mu   sync.Mutex
	held map[[32]byte]*keyLock
}

type keyLock struct {
	sync.Mutex
	waiting int
}

// lock waits for the key and returns what frees it.
func (l *keyLocks) lock(name [32]byte) (unlock func()) {
	l.mu.Lock()
	if l.held == nil {
		l.held = map[[32]byte]*keyLock{}
	}
	k := l.held[name]
	if k == nil {
		k = &keyLock{}
		l.held[name] = k
	}
	k.waiting++
	l.mu.Unlock()
	k.Lock()
	return func() {
		k.Unlock()
		l.mu.Lock()
		defer l.mu.Unlock()
		if k.waiting--; k.waiting == 0 {
			delete(l.held, name)
		}
	}
}
