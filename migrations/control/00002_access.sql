-- +goose Up
create table users (
  id           text    not null primary key,
  name         text    not null,
  email        text    not null unique,
  role         text    not null,
  tenant_id    text    references tenants (id) on delete cascade,
  status       text    not null check (status in ('invited', 'active', 'disabled')),
  search       text    not null,
  password     text    not null default '',
  totp_secret  blob,
  totp_pending blob,
  totp_step    integer not null default 0,
  created_at   integer not null,
  updated_at   integer not null,
  seen_at      integer,
  version      integer not null default 1,
  constraint users_tenant check ((role in ('developer_admin', 'developer_viewer')) = (tenant_id is not null)),
  constraint users_password check (status <> 'active' or password <> '')
) strict;

create index users_by_name on users (search, id);
create index users_by_tenant on users (tenant_id);

create table recovery_codes (
  user_id text    not null references users (id) on delete cascade,
  hash    text    not null,
  used_at integer,
  primary key (user_id, hash)
) strict, without rowid;

create table links (
  hash       text    not null primary key,
  purpose    text    not null check (purpose in ('owner', 'invitation', 'reset')),
  user_id    text    references users (id) on delete cascade,
  expires_at integer not null,
  constraint links_user check ((purpose = 'owner') = (user_id is null))
) strict, without rowid;

create index links_by_user on links (user_id);

create table challenges (
  hash       text    not null primary key,
  user_id    text    not null references users (id) on delete cascade,
  tries      integer not null default 0,
  expires_at integer not null
) strict, without rowid;

create index challenges_by_user on challenges (user_id);

create table sessions (
  hash         text    not null primary key,
  user_id      text    not null references users (id) on delete cascade,
  on_behalf_of text    references users (id) on delete cascade,
  parent       text    references sessions (hash) on update cascade on delete cascade,
  reason       text    not null default '',
  ip_prefix    text    not null,
  user_agent   text    not null,
  created_at   integer not null,
  seen_at      integer not null,
  fresh_at     integer not null,
  expires_at   integer not null,
  constraint sessions_impersonation check ((on_behalf_of is null) = (parent is null))
) strict, without rowid;

create index sessions_by_user on sessions (user_id);
create index sessions_by_staff on sessions (on_behalf_of);
create index sessions_by_parent on sessions (parent);
create index sessions_by_end on sessions (expires_at);

create table impersonations (
  id         text    not null primary key,
  staff_id   text    not null references users (id) on delete cascade,
  user_id    text    not null references users (id) on delete cascade,
  tenant_id  text    not null references tenants (id) on delete cascade,
  reason     text    not null,
  started_at integer not null,
  ended_at   integer
) strict;

create table throttles (
  bucket   text    not null primary key,
  failures integer not null,
  last_at  integer not null,
  until    integer not null
) strict, without rowid;

create table keys (
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

create index keys_by_tenant on keys (tenant_id);

-- +goose Down
drop table keys;
drop table throttles;
drop table impersonations;
drop table sessions;
drop table challenges;
drop table links;
drop table recovery_codes;
drop table users;
