-- +goose Up
-- What the binary of a checksum says of itself.
create table plugin_manifests (
  sha256   text    not null primary key,
  plugin   text    not null,
  manifest text    not null check (json_valid(manifest)),
  seen_at  integer not null
) strict, without rowid;

create index plugin_manifests_by_plugin on plugin_manifests (plugin, seen_at);

-- What an administrator has granted a plugin, and for which binary.
create table plugin_grants (
  plugin      text    not null primary key,
  grants      text    not null check (json_valid(grants)),
  sha256      text    not null,
  approved_by text    not null,
  approved_at integer not null
) strict, without rowid;

-- The plugins that are switched off as a whole.
create table plugin_switches (
  plugin     text    not null primary key,
  reason     text    not null,
  changed_by text    not null,
  changed_at integer not null
) strict, without rowid;

-- How a plugin stands in a tenant. Without a row it has never been there.
create table plugin_tenants (
  plugin     text    not null,
  tenant_id  text    not null references tenants (id) on delete cascade,
  off        integer not null default 0 check (off in (0, 1)),
  reason     text    not null default '', -- why it is off
  version    integer not null default 0,  -- of its tables
  error      text    not null default '', -- why its migration failed
  updated_at integer not null,
  primary key (plugin, tenant_id)
) strict, without rowid;

create index plugin_tenants_by_tenant on plugin_tenants (tenant_id);

create table plugin_crashes (
  id      integer not null primary key,
  plugin  text    not null,
  dossier text    not null check (json_valid(dossier))
) strict;

create index plugin_crashes_by_plugin on plugin_crashes (plugin, id);

-- Calls of plugins to others, the last thousand of each.
create table plugin_calls (
  id        integer not null primary key,
  plugin    text    not null,
  tenant_id text    references tenants (id) on delete cascade, -- null: the platform
  at        integer not null,
  method    text    not null,
  host      text    not null,
  path      text    not null,
  status    integer not null, -- 0: no answer
  took      integer not null, -- in microseconds
  sent      integer not null,
  received  integer not null,
  error     text    not null,
  attempt   integer not null
) strict;

create index plugin_calls_by_plugin on plugin_calls (plugin, id);
create index plugin_calls_by_tenant on plugin_calls (tenant_id);

-- Where the runs of tools are. What they were asked to do may be personal: it
-- lies in the tenant's file, and here for the platform's own.
create table tool_runs (
  id         text    not null primary key,
  plugin     text    not null,
  tool       text    not null,
  tenant_id  text    references tenants (id) on delete cascade, -- null: the platform
  state      text    not null check (state in ('pending', 'running', 'waiting', 'done', 'failed', 'cancelled')),
  hash       text    not null, -- of the plan
  done       integer not null default 0,
  total      integer not null default 0,
  created_by text    not null,
  created_at integer not null,
  started_at integer,
  ended_at   integer,
  updated_at integer not null
) strict, without rowid;

create index tool_runs_by_plugin on tool_runs (plugin, id);
create index tool_runs_by_tenant on tool_runs (tenant_id, id);
create unique index tool_runs_at_work on tool_runs (plugin, tool, coalesce(tenant_id, '')) where state = 'running';

-- The platform's own settings of plugins, as every tenant's file has them.
create table tenant_keys (
  id         integer not null primary key check (id = 1),
  keyset     blob    not null,
  created_at integer not null
) strict;

create table plugin_settings (
  plugin     text    not null primary key,
  body       text    not null check (json_valid(body)),
  version    integer not null,
  updated_at integer not null
) strict, without rowid;

create table plugin_secrets (
  plugin     text    not null,
  field      text    not null,
  sealed     blob    not null,
  hint       text    not null,
  updated_at integer not null,
  primary key (plugin, field)
) strict, without rowid;

create table plugin_values (
  plugin     text    not null,
  key        text    not null,
  value      blob    not null,
  updated_at integer not null,
  primary key (plugin, key)
) strict, without rowid;

create table plugin_runs (
  id      text not null primary key,
  params  text not null check (json_valid(params)),
  plan    text not null check (json_valid(plan)),
  summary text not null default '',
  error   text not null default ''
) strict, without rowid;

-- A deleted tenant keeps its row in the registry, so the foreign keys alone
-- would leave these.
-- +goose StatementBegin
create trigger tenants_forget_plugins after update of status on tenants when new.status = 'deleted' begin
  delete from plugin_tenants where tenant_id = new.id;
  delete from plugin_calls where tenant_id = new.id;
  delete from tool_runs where tenant_id = new.id;
end;
-- +goose StatementEnd

-- +goose Down
drop trigger tenants_forget_plugins;
drop table plugin_runs;
drop table plugin_values;
drop table plugin_secrets;
drop table plugin_settings;
drop table tenant_keys;
drop table tool_runs;
drop table plugin_calls;
drop table plugin_crashes;
drop table plugin_tenants;
drop table plugin_switches;
drop table plugin_grants;
drop table plugin_manifests;
