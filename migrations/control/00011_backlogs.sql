-- +goose Up
-- Who listens to which events, and since when: {"unit.created": 1772357400000}.
create table event_subscribers (
  name   text not null primary key,
  events text not null check (json_valid(events))
) strict, without rowid;

-- How much waits for a subscriber in a tenant's outbox. Without a row, nothing.
create table event_backlogs (
  subscriber text    not null,
  tenant_id  text    not null references tenants (id) on delete cascade,
  pending    integer not null,
  dead       integer not null,
  oldest     integer, -- when the oldest pending event happened; null without one
  primary key (subscriber, tenant_id)
) strict, without rowid;

create index event_backlogs_by_tenant on event_backlogs (tenant_id);

-- Where the dead letters are. What they say stays in the tenant's file.
create table dead_letters (
  tenant_id  text    not null references tenants (id) on delete cascade,
  event_id   text    not null,
  subscriber text    not null,
  name       text    not null, -- of the event
  event_at   integer not null,
  state      text    not null check (state in ('waiting', 'dead', 'dropped')),
  attempts   integer not null,
  first_at   integer not null,
  last_at    integer not null,
  primary key (tenant_id, event_id, subscriber)
) strict, without rowid;

create index dead_letters_by_time on dead_letters (last_at);

-- A deleted tenant keeps its row in the registry, so the foreign keys alone
-- would leave these.
-- +goose StatementBegin
create trigger tenants_forget_events after update of status on tenants when new.status = 'deleted' begin
  delete from event_backlogs where tenant_id = new.id;
  delete from dead_letters where tenant_id = new.id;
end;
-- +goose StatementEnd

-- +goose Down
drop trigger tenants_forget_events;
drop table dead_letters;
drop table event_backlogs;
drop table event_subscribers;
