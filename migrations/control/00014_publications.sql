-- +goose Up
-- What a plugin's calls of the platform leave for its calls of tenants. The
-- revision grows with each change of a plugin's publications; a withdrawn one
-- stays as a row without a value, so that those who have read it learn of it.
create table plugin_publications (
  plugin       text    not null,
  tenant_id    text    not null, -- empty: for all tenants
  key          text    not null,
  value        blob,             -- null: withdrawn
  revision     integer not null,
  published_at integer not null,
  primary key (plugin, tenant_id, key)
) strict;

create unique index plugin_publications_by_revision on plugin_publications (plugin, revision);
create index plugin_publications_by_tenant on plugin_publications (plugin, tenant_id, revision);

-- What a job that visits changed tenants alone has found at its last visit that
-- ended well.
create table job_visits (
  job       text not null,
  tenant_id text not null references tenants (id) on delete cascade,
  mark      text not null,
  primary key (job, tenant_id)
) strict, without rowid;

create index job_visits_by_tenant on job_visits (tenant_id);

-- A deleted tenant keeps its row in the registry, so the foreign keys alone
-- would leave these.
-- +goose StatementBegin
create trigger tenants_forget_publications after update of status on tenants when new.status = 'deleted' begin
  delete from plugin_publications where tenant_id = new.id;
  delete from job_visits where tenant_id = new.id;
end;
-- +goose StatementEnd

-- +goose StatementBegin
create trigger tenants_lose_publications after delete on tenants begin
  delete from plugin_publications where tenant_id = old.id;
end;
-- +goose StatementEnd

-- +goose Down
drop trigger tenants_lose_publications;
drop trigger tenants_forget_publications;
drop table job_visits;
drop table plugin_publications;
