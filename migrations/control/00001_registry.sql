-- +goose Up
create table tenants (
  id             text    not null primary key,
  name           text    not null,
  code           text    not null unique,
  region         text    not null,
  status         text    not null check (status in ('provisioning', 'active', 'suspended', 'failed', 'deleted')),
  demo           integer not null default 0 check (demo in (0, 1)),
  search         text    not null,
  schema_version integer not null default 0,
  created_at     integer not null,
  updated_at     integer not null,
  version        integer not null default 1
) strict;

create index tenants_by_name on tenants (search, id);

create table tombstones (
  tenant_hmac    text    not null primary key,
  certificate_id text    not null,
  deleted_at     integer not null
) strict;

-- +goose Down
drop table tombstones;
drop table tenants;
