package audit

import (
	"maps"
	"slices"
)

// action says how an audited action reads on screen, after the actor's name
// and before the target's, and whether it asks for a reason.
type action struct {
	sentence string
	reason   bool
}

// actions is the list of everything that may be recorded. A new verb is one
// more line here, its noun first.
var actions = map[string]action{
	"tenant.create":    {sentence: "created developer"},
	"tenant.provision": {sentence: "set up developer"},
	"tenant.update":    {sentence: "changed developer"},
	"tenant.suspend":   {sentence: "suspended developer"},
	"tenant.resume":    {sentence: "resumed developer"},
	"tenant.delete":    {sentence: "deleted developer", reason: true},
	"tenant.read":      {sentence: "opened developer"},
	"settings.update":  {sentence: "changed settings of"},
	"brand.update":     {sentence: "changed brand of"},

	"development.create": {sentence: "created development"},
	"development.update": {sentence: "changed development"},
	"development.delete": {sentence: "deleted development"},
	"unit.create":        {sentence: "created unit"},
	"unit.import":        {sentence: "imported units into"},
	"unit.update":        {sentence: "changed unit"},
	"unit.hand_over":     {sentence: "handed over unit"},
	"unit.assign_codes":  {sentence: "gave QR codes to units of"},
	"unit.delete":        {sentence: "deleted unit"},
	"homeowner.create":   {sentence: "added homeowner"},
	"homeowner.invite":   {sentence: "invited homeowner"},
	"homeowner.update":   {sentence: "changed homeowner"},
	"homeowner.onboard":  {sentence: "signed up homeowner"},
	"homeowner.read":     {sentence: "read homeowner"},
	"homeowner.delete":   {sentence: "deleted homeowner"},

	"draft.create":  {sentence: "started onboarding draft"},
	"draft.update":  {sentence: "changed onboarding draft"},
	"draft.delete":  {sentence: "deleted onboarding draft"},
	"upload.create": {sentence: "uploaded file"},
	"upload.delete": {sentence: "deleted uploaded file"},
	"run.start":     {sentence: "started onboarding"},
	"run.resume":    {sentence: "resumed onboarding"},
	"run.cancel":    {sentence: "cancelled onboarding"},
	"run.complete":  {sentence: "completed onboarding"},
	"run.fail":      {sentence: "could not complete onboarding"},
	"step.start":    {sentence: "started step of onboarding"},
	"step.complete": {sentence: "completed step of onboarding"},
	"step.wait":     {sentence: "left waiting a step of onboarding"},
	"step.fail":     {sentence: "could not complete step of onboarding"},

	"qr_pack.create":      {sentence: "made QR pack of"},
	"qr_pack.download":    {sentence: "downloaded QR pack of"},
	"launch_kit.create":   {sentence: "made launch kit of"},
	"launch_kit.download": {sentence: "downloaded launch kit of"},

	"user.invite":          {sentence: "invited user"},
	"user.accept":          {sentence: "accepted invitation of"},
	"user.create":          {sentence: "created user"},
	"user.update":          {sentence: "changed user"},
	"user.role_change":     {sentence: "changed role of", reason: true},
	"user.disable":         {sentence: "disabled user"},
	"user.enable":          {sentence: "enabled user"},
	"user.delete":          {sentence: "deleted user"},
	"user.password_reset":  {sentence: "asked for a new password for"},
	"user.password_change": {sentence: "changed password of"},
	"session.start":        {sentence: "signed in"},
	"session.deny":         {sentence: "was refused a sign-in"},
	"session.end":          {sentence: "signed out"},
	"session.end_all":      {sentence: "signed out every session of"},
	"totp.enable":          {sentence: "turned on the second factor of"},
	"totp.disable":         {sentence: "turned off the second factor of"},
	"recovery_code.use":    {sentence: "signed in with a recovery code of"},
	"recovery_code.create": {sentence: "made new recovery codes for"},

	"impersonation.start":   {sentence: "started to act for", reason: true},
	"impersonation.request": {sentence: "acted for", reason: true},
	"impersonation.stop":    {sentence: "stopped acting for"},

	"key.create":  {sentence: "created API key"},
	"key.update":  {sentence: "changed API key"},
	"key.revoke":  {sentence: "revoked API key"},
	"access.deny": {sentence: "was refused"},

	"job.run":         {sentence: "ran job"},
	"job.cancel":      {sentence: "cancelled job"},
	"message.send":    {sentence: "sent message"},
	"message.read":    {sentence: "read message"},
	"message.retry":   {sentence: "sent again message"},
	"message.release": {sentence: "released message"},
	"message.cancel":  {sentence: "cancelled message"},
	"event.retry":     {sentence: "sent again event"},
	"event.drop":      {sentence: "dropped event", reason: true},
	"usage.release":   {sentence: "released usage event"},
	"usage.dismiss":   {sentence: "dismissed usage event"},
	"clock.move":      {sentence: "moved the clock"},

	"plugin.enable":  {sentence: "switched on plugin"},
	"plugin.disable": {sentence: "switched off plugin"},
	"plugin.restart": {sentence: "restarted plugin"},
	"plugin.reload":  {sentence: "read again the list of plugins of"},
	"plugin.approve": {sentence: "approved the permissions of plugin"},
	"plugin.refuse":  {sentence: "refused the permissions of plugin"},
	"plugin.switch":  {sentence: "switched for a developer plugin"},
	"tool.plan":      {sentence: "planned a run of tool"},
	"tool.apply":     {sentence: "applied tool"},
	"tool.cancel":    {sentence: "cancelled a run of tool"},
	"tool.resume":    {sentence: "resumed a run of tool"},

	"export.create":   {sentence: "exported", reason: true},
	"export.download": {sentence: "downloaded export"},
	"audit.read":      {sentence: "read the audit log of"},
	"audit.export":    {sentence: "exported the audit log of"},
	erase:             {sentence: "erased personal values of", reason: true},
}

// erase is the action of the record that an erasure leaves behind; a
// verification accepts a missing value for its sake alone.
const erase = "audit.erase"

// Actions returns the name of everything that may be recorded, in order.
func Actions() []string { return slices.Sorted(maps.Keys(actions)) }
