-- +goose Up
-- A portal's key may report usage and nothing else. The table is made anew,
-- because the check that lists the roles of tenants is a part of it.
create table keys_with_reporters (
  id           text    not null primary key,
  name         text    not null,
  role         text    not null,
  tenant_id    text    references tenants (id) on delete cascade,
  hash         text    not null unique,
  hint         text    not null,
  created_by   text    not null,
  created_at   integer not null,
  last_used_at integer,
  expires_at   integer,
  revoked_at   integer,
  constraint keys_tenant check ((role in ('developer_admin', 'developer_viewer', 'reporter')) = (tenant_id is not null))
) strict;
insert into keys_with_reporters
select id, name, role, tenant_id, hash, hint, created_by, created_at, last_used_at, expires_at, revoked_at from keys;
drop table keys;
alter table keys_with_reporters rename to keys;
create index keys_by_tenant on keys (tenant_id);

-- +goose Down
delete from keys where role = 'reporter';
create table keys_without_reporters (
  id           text    not null primary key,
  name         text    not null,
  role         text    not null,
  tenant_id    text    references tenants (id) on delete cascade,
  hash         text    not null unique,
  hint         text    not null,
  created_by   text    not null,
  created_at   integer not null,
  last_used_at integer,
  expires_at   integer,
  revoked_at   integer,
  constraint keys_tenant check ((role in ('developer_admin', 'developer_viewer')) = (tenant_id is not null))
) strict;
insert into keys_without_reporters
select id, name, role, tenant_id, hash, hint, created_by, created_at, last_used_at, expires_at, revoked_at from keys;
drop table keys;
alter table keys_without_reporters rename to keys;
create index keys_by_tenant on keys (tenant_id);
