-- +goose Up
-- The key that this file's secrets are sealed with, itself sealed by the
-- platform's key.
create table tenant_keys (
  id         integer not null primary key check (id = 1),
  keyset     blob    not null,
  created_at integer not null
) strict;

create table plugin_settings (
  plugin     text    not null primary key,
  body       text    not null check (json_valid(body)), -- without the secrets
  version    integer not null,
  updated_at integer not null
) strict, without rowid;

create table plugin_secrets (
  plugin     text    not null,
  field      text    not null,
  sealed     blob    not null,
  hint       text    not null, -- the last characters of a long secret, or nothing
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

-- What a run of a plugin's tool was asked to do and what came of it. The
-- control database has its state.
create table plugin_runs (
  id      text not null primary key,
  params  text not null check (json_valid(params)),
  plan    text not null check (json_valid(plan)),
  summary text not null default '',
  error   text not null default ''
) strict, without rowid;

-- +goose Down
drop table plugin_runs;
drop table plugin_values;
drop table plugin_secrets;
drop table plugin_settings;
drop table tenant_keys;
