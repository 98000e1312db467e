package migrations_test

import "testing"

// TestKeysSurviveReporters: the table of keys is made anew by a migration, and
// taking that back; no key is lost or changed, and every role is bound to the
// kind of key that it is for.
func TestKeysSurviveReporters(t *testing.T) {
	t.Parallel()
	db, provider := openSet(t, "control")
	run := func(statement string) error {
		_, err := db.ExecContext(t.Context(), statement)
		return err
	}
	keys := func(want string) {
		t.Helper()
		var got string
		err := db.QueryRowContext(t.Context(), `select group_concat(concat_ws('|', id, name, role, tenant_id, hash, hint, created_by, created_at, last_used_at, expires_at, revoked_at), char(10))
			from (select * from keys order by id)`).Scan(&got)
		if err != nil || got != want {
			t.Errorf("the keys are\n%s, %v\nwant\n%s", got, err, want)
		}
	}
	if _, err := provider.UpTo(t.Context(), 14); err != nil {
		t.Fatal(err)
	}
	if err := run(`insert into tenants (id, name, code, region, status, sort_name, search, created_at, updated_at) values ('ten_1', 'Harpur', 'HARP', 'eu-west', 'active', 'harpur', 'harpur harp', 1, 1)`); err != nil {
		t.Fatal(err)
	}
	if err := run(`insert into keys values ('key_1', 'Export', 'finance', null, 'h1', 'abcd', 'usr_1', 1, 2, 3, 4), ('key_2', 'Office', 'developer_admin', 'ten_1', 'h2', 'efgh', 'usr_1', 5, null, null, null)`); err != nil {
		t.Fatal(err)
	}
	const both = "key_1|Export|finance|h1|abcd|usr_1|1|2|3|4\nkey_2|Office|developer_admin|ten_1|h2|efgh|usr_1|5"
	up(t, provider)
	keys(both)
	if err := run(`insert into keys values ('key_3', 'Portal', 'reporter', 'ten_1', 'h3', 'ijkl', 'usr_1', 6, null, null, null)`); err != nil {
		t.Error(err)
	}
	if run(`insert into keys values ('key_4', 'Portal', 'reporter', null, 'h4', 'mnop', 'usr_1', 6, null, null, null)`) == nil {
		t.Error("a reporter of no tenant was kept")
	}
	keys(both + "\nkey_3|Portal|reporter|ten_1|h3|ijkl|usr_1|6")
	if _, err := provider.DownTo(t.Context(), 14); err != nil {
		t.Fatal(err)
	}
	keys(both)
}
