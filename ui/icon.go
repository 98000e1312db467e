package ui

// Icon names a Lucide icon. The build copies those listed in
// assets/icons.json; a test keeps Icons and that file the same.
type Icon string
