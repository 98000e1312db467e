-- +goose Up
-- Who computes figures: a room of the core, or a plugin. The version grows when
-- its metrics change; a tenant computed at an older one is computed again.
create table figure_sources (
  number  integer not null primary key,
  name    text    not null unique,
  metrics text    not null check (json_valid(metrics)),
  version integer not null default 1
) strict;

create table figure_metrics (
  number integer not null primary key,
  name   text    not null unique,
  source integer not null references figure_sources (number)
) strict;

create index figure_metrics_of_source on figure_metrics (source);

-- Every tenant that isn't deleted, by a number that is short enough to stand in
-- millions of rows. Kept by the triggers below, as is its copy of demo.
create table figure_tenants (
  number    integer not null primary key,
  tenant_id text    not null unique references tenants (id) on delete cascade,
  demo      integer not null check (demo in (0, 1))
) strict;

create index figure_tenants_by_demo on figure_tenants (demo);

insert into figure_tenants (tenant_id, demo)
select id, demo from tenants where status <> 'deleted' order by created_at, id;

-- How far a source is with a tenant. The signature of the file that its figures
-- were computed at is the settled one, unless error says otherwise.
create table figure_states (
  tenant      integer not null references figure_tenants (number),
  source      integer not null references figure_sources (number),
  version     integer not null default 0, -- of the source; 0: not computed, or the file has changed since
  computed_at integer,
  failures    integer not null default 0, -- in a row
  error       text    not null default '',
  retry_at    integer,
  primary key (tenant, source),
  check ((error = '') = (retry_at is null))
) strict, without rowid;

create index figure_states_by_age on figure_states (source, computed_at) where computed_at is not null;
create index figure_states_behind on figure_states (source, retry_at) where error <> '' or version = 0;

-- What a metric came to in one tenant. Nought is not stored. The period is
-- 20261123, 202611, 2026, or 0 for all time and now. A tenant's rows lie
-- together, because they are replaced together.
create table figures (
  tenant      integer not null references figure_tenants (number),
  metric      integer not null references figure_metrics (number),
  development text    not null, -- empty: the whole tenant
  period      integer not null,
  currency    text    not null,
  value       integer not null check (value <> 0),
  primary key (tenant, metric, development, period, currency)
) strict, without rowid;

-- The order of tenants in a ranking; nobody ranks them by a day.
create index figures_ranked on figures (metric, period, currency, value, tenant)
where development = '' and period < 1000000;

-- The sums over whole tenants, kept by the triggers below: a page adds nothing up.
create table figure_totals (
  metric   integer not null references figure_metrics (number),
  period   integer not null,
  currency text    not null,
  demo     integer not null, -- demo tenants are summed apart
  value    integer not null,
  tenants  integer not null, -- whose figure isn't nought
  primary key (metric, period, currency, demo)
) strict, without rowid;

-- +goose StatementBegin
create trigger figures_added after insert on figures when new.development = '' begin
  insert into figure_totals (metric, period, currency, demo, value, tenants)
  select new.metric, new.period, new.currency, demo, new.value, 1 from figure_tenants where number = new.tenant
  on conflict (metric, period, currency, demo) do update set value = value + excluded.value, tenants = tenants + 1;
end;
-- +goose StatementEnd

-- +goose StatementBegin
create trigger figures_changed after update of value on figures when new.development = '' begin
  update figure_totals set value = value - old.value + new.value
  where metric = new.metric and period = new.period and currency = new.currency
    and demo = (select demo from figure_tenants where number = new.tenant);
end;
-- +goose StatementEnd

-- +goose StatementBegin
create trigger figures_removed after delete on figures when old.development = '' begin
  update figure_totals set value = value - old.value, tenants = tenants - 1
  where metric = old.metric and period = old.period and currency = old.currency
    and demo = (select demo from figure_tenants where number = old.tenant);
  delete from figure_totals
  where metric = old.metric and period = old.period and currency = old.currency and tenants = 0
    and demo = (select demo from figure_tenants where number = old.tenant);
end;
-- +goose StatementEnd

-- +goose StatementBegin
create trigger figures_await_tenant after insert on tenants when new.status <> 'deleted' begin
  insert into figure_tenants (tenant_id, demo) values (new.id, new.demo);
end;
-- +goose StatementEnd

-- A tenant that becomes a demo, or stops being one, takes its figures along.
-- +goose StatementBegin
create trigger figures_change_sides after update of demo on tenants when new.demo <> old.demo begin
  insert into figure_totals (metric, period, currency, demo, value, tenants)
  select f.metric, f.period, f.currency, old.demo, -f.value, -1
  from figure_tenants t join figures f on f.tenant = t.number
  where t.tenant_id = new.id and f.development = ''
  on conflict (metric, period, currency, demo) do update set value = value + excluded.value, tenants = tenants - 1;
  insert into figure_totals (metric, period, currency, demo, value, tenants)
  select f.metric, f.period, f.currency, new.demo, f.value, 1
  from figure_tenants t join figures f on f.tenant = t.number
  where t.tenant_id = new.id and f.development = ''
  on conflict (metric, period, currency, demo) do update set value = value + excluded.value, tenants = tenants + 1;
  delete from figure_totals where tenants = 0;
  update figure_tenants set demo = new.demo where tenant_id = new.id;
end;
-- +goose StatementEnd

-- +goose StatementBegin
create trigger figures_forget_tenant after update of status on tenants when new.status = 'deleted' begin
  delete from figures where tenant = (select number from figure_tenants where tenant_id = new.id);
  delete from figure_states where tenant = (select number from figure_tenants where tenant_id = new.id);
  delete from figure_tenants where tenant_id = new.id;
end;
-- +goose StatementEnd

-- +goose StatementBegin
create trigger figures_lose_tenant before delete on tenants begin
  delete from figures where tenant = (select number from figure_tenants where tenant_id = old.id);
  delete from figure_states where tenant = (select number from figure_tenants where tenant_id = old.id);
end;
-- +goose StatementEnd

-- A computation of everything from nothing; one without an end is gone on with.
create table figure_rebuilds (
  number   integer not null primary key,
  begun_at integer not null,
  ended_at integer
) strict;

-- +goose Down
drop table figure_rebuilds;
drop trigger figures_lose_tenant;
drop trigger figures_forget_tenant;
drop trigger figures_change_sides;
drop trigger figures_await_tenant;
drop table figure_totals;
drop table figures;
drop table figure_states;
drop table figure_tenants;
drop table figure_metrics;
drop table figure_sources;
