-- +goose Up
-- One row is one link of the tenant's chain. The record is canonical JSON; the
-- columns that lists filter by are generated from it, so nothing beside the
-- hashed bytes can be altered.
create table audit_records (
  seq         integer not null primary key,
  record      text    not null,
  hash        blob    not null check (length(hash) = 32),
  at          integer generated always as (record ->> '$.at') virtual,
  actor_id    text    generated always as (record ->> '$.actor.id') virtual,
  action      text    generated always as (record ->> '$.action') virtual,
  target_kind text    generated always as (record ->> '$.target.kind') virtual,
  target_id   text    generated always as (record ->> '$.target.id') virtual,
  outcome     text    generated always as (record ->> '$.outcome') virtual
) strict;

create index audit_records_by_at on audit_records (at);
create index audit_records_by_actor on audit_records (actor_id);
create index audit_records_by_action on audit_records (action);
create index audit_records_by_target on audit_records (target_id);

-- Personal values stand beside the chain, which holds HMAC(salt, value) alone:
-- deleting a row erases the value and leaves the chain whole.
create table audit_values (
  seq    integer not null references audit_records (seq),
  change integer not null,
  side   text    not null check (side in ('before', 'after')),
  salt   blob    not null check (length(salt) = 32),
  value  text    not null,
  primary key (seq, change, side)
) strict, without rowid;

-- Also refuses "insert or replace", which deletes without the delete trigger.
-- +goose StatementBegin
create trigger audit_records_refuse_gap before insert on audit_records
when new.seq <> (select coalesce(max(seq), 0) + 1 from audit_records) begin
  select raise(abort, 'audit records are append-only');
end;
-- +goose StatementEnd

-- +goose StatementBegin
create trigger audit_records_refuse_update before update on audit_records begin
  select raise(abort, 'audit records are append-only');
end;
-- +goose StatementEnd

-- +goose StatementBegin
create trigger audit_records_refuse_delete before delete on audit_records begin
  select raise(abort, 'audit records are append-only');
end;
-- +goose StatementEnd

-- +goose StatementBegin
create trigger audit_values_refuse_replace before insert on audit_values
when exists (select 1 from audit_values where seq = new.seq and change = new.change and side = new.side) begin
  select raise(abort, 'audit values are erased, never changed');
end;
-- +goose StatementEnd

-- +goose StatementBegin
create trigger audit_values_refuse_update before update on audit_values begin
  select raise(abort, 'audit values are erased, never changed');
end;
-- +goose StatementEnd

-- +goose Down
drop table audit_values;
drop table audit_records;
