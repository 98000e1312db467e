package ui

// Icon names a Lucide icon. The build copies those that are listed in
// assets/icons.json; a test keeps Icons and that file the same.
type Icon string

// The icons, by what they stand for.
const (
	IconActivity   Icon = "activity"
	IconAnalytics  Icon = "chart-column"
	IconArrowDown  Icon = "arrow-down"
	IconArrowLeft  Icon = "arrow-left"
	IconArrowRight Icon = "arrow-right"
	IconArrowUp    Icon = "arrow-up"
	IconAPI        Icon = "book-open"
	IconAudit      Icon = "scroll-text"
	IconBilling    Icon = "receipt-text"
	IconCheck      Icon = "check"
	IconChevron    Icon = "chevron-right"
	IconClock      Icon = "clock"
	IconClose      Icon = "x"
	IconCopy       Icon = "copy"
	IconCosts      Icon = "coins"
	IconDevelop    Icon = "map"
	IconDocument   Icon = "file-text"
	IconDownload   Icon = "download"
	IconEdit       Icon = "pencil"
	IconExecutive  Icon = "layout-dashboard"
	IconExternal   Icon = "external-link"
	IconHome       Icon = "house"
	IconImage      Icon = "image"
	IconIncident   Icon = "siren"
	IconInfo       Icon = "info"
	IconJobs       Icon = "timer"
	IconKey        Icon = "key-round"
	IconLock       Icon = "lock"
	IconMail       Icon = "mail"
	IconMenu       Icon = "menu"
	IconMore       Icon = "ellipsis"
	IconOnboard    Icon = "rocket"
	IconPlay       Icon = "play"
	IconPlug       Icon = "plug"
	IconPlus       Icon = "plus"
	IconPrint      Icon = "printer"
	IconQR         Icon = "qr-code"
	IconRefresh    Icon = "refresh-cw"
	IconRevenue    Icon = "trending-up"
	IconSales      Icon = "wallet"
	IconSearch     Icon = "search"
	IconSettings   Icon = "settings"
	IconShield     Icon = "shield-check"
	IconSignOut    Icon = "log-out"
	IconStop       Icon = "circle-stop"
	IconTenant     Icon = "building-2"
	IconTheme      Icon = "sun-moon"
	IconTools      Icon = "wrench"
	IconTrash      Icon = "trash-2"
	IconUpload     Icon = "upload"
	IconUser       Icon = "user"
	IconUsers      Icon = "users"
	IconWarn       Icon = "triangle-alert"
)

// Icons lists every icon that can be drawn.
var Icons = []Icon{
	IconActivity, IconAnalytics, IconArrowDown, IconArrowLeft, IconArrowRight, IconArrowUp, IconAPI,
	IconAudit, IconBilling, IconCheck, IconChevron, IconClock, IconClose, IconCopy, IconCosts,
	IconDevelop, IconDocument, IconDownload, IconEdit, IconExecutive, IconExternal, IconHome,
	IconImage, IconIncident, IconInfo, IconJobs, IconKey, IconLock, IconMail, IconMenu, IconMore,
	IconOnboard, IconPlay, IconPlug, IconPlus, IconPrint, IconQR, IconRefresh, IconRevenue,
	IconSales, IconSearch, IconSettings, IconShield, IconSignOut, IconStop, IconTenant, IconTheme,
	IconTools, IconTrash, IconUpload, IconUser, IconUsers, IconWarn,
}
