-- +goose Up
create table tenants (
  id             text    not null primary key,
  name           text    not null,
  code           text    not null,
  region         text    not null,
  status         text    not null check (status in ('provisioning', 'active', 'suspended', 'failed', 'deleted')),
  status_before  text    not null default '', -- what a failed tenant returns to
  demo           integer not null default 0 check (demo in (0, 1)),
  sort_name      text    not null,            -- folded: Á sorts with A
  search         text    not null,            -- folded name, code and id
  schema_version integer not null default 0,
  created_at     integer not null,
  updated_at     integer not null,
  version        integer not null default 1
) strict;

create unique index tenants_code on tenants (code) where status <> 'deleted';
create index tenants_by_name on tenants (sort_name, id) where status <> 'deleted';
create index tenants_by_code on tenants (code, id) where status <> 'deleted';
create index tenants_by_region on tenants (region, id) where status <> 'deleted';
create index tenants_by_created_at on tenants (created_at, id) where status <> 'deleted';
create index tenants_by_status on tenants (status, id);

-- How many tenants there are of each kind, kept by the triggers below: a list
-- says its total without counting ten thousand rows.
create table tenant_counts (
  status  text    not null,
  region  text    not null,
  tenants integer not null,
  primary key (status, region)
) strict, without rowid;

-- +goose StatementBegin
create trigger tenants_counted_in after insert on tenants begin
  insert into tenant_counts (status, region, tenants) values (new.status, new.region, 1)
  on conflict (status, region) do update set tenants = tenants + 1;
end;
-- +goose StatementEnd

-- +goose StatementBegin
create trigger tenants_counted_out after delete on tenants begin
  update tenant_counts set tenants = tenants - 1 where status = old.status and region = old.region;
end;
-- +goose StatementEnd

-- +goose StatementBegin
create trigger tenants_recounted after update of status, region on tenants
when new.status <> old.status or new.region <> old.region begin
  update tenant_counts set tenants = tenants - 1 where status = old.status and region = old.region;
  insert into tenant_counts (status, region, tenants) values (new.status, new.region, 1)
  on conflict (status, region) do update set tenants = tenants + 1;
end;
-- +goose StatementEnd

create table tombstones (
  tenant_hmac    text    not null primary key,
  certificate_id text    not null,
  deleted_at     integer not null
) strict, without rowid;

create table tenant_changes (
  tenant_id  text    not null primary key references tenants (id) on delete cascade,
  changed_at integer not null
) strict, without rowid;

create table tenant_signatures (
  tenant_id  text    not null primary key references tenants (id) on delete cascade,
  signature  text    not null,
  settled_at integer not null
) strict, without rowid;

create table staged_files (
  id         text    not null primary key,
  region     text    not null,
  name       text    not null,
  type       text    not null,
  size       integer not null default -1, -- negative: still being written
  sha256     text    not null default '',
  created_at integer not null
) strict;

create index staged_files_by_created_at on staged_files (created_at);

-- +goose Down
drop table staged_files;
drop table tenant_signatures;
drop table tenant_changes;
drop table tombstones;
drop table tenant_counts;
drop table tenants;
