package web

import (
	"fmt"
	"strconv"
	"strings"
)

var weekdays = []string{"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"}

// scheduleWords says a cron schedule as people do. What has no short name, an
// interval of hours on Tuesdays, stays cron.
func scheduleWords(cron string) string {
	if cron == "" {
		return "On demand"
	}
	f := strings.Fields(cron)
	if len(f) != 5 {
		return cron
	}
	minute, plain := clockPart(f[0], 59)
	every, stepped := strings.CutPrefix(f[0], "*/")
	days := strings.Join(f[2:], " ")
	switch {
	case cron == "* * * * *":
		return "Every minute"
	case stepped && f[1] == "*" && days == "* * *":
		return "Every " + every + " minutes"
	case !plain:
		return cron
	case f[1] == "*" && days == "* * *":
		return fmt.Sprintf("Every hour at :%02d", minute)
	}
	hour, plain := clockPart(f[1], 23)
	if !plain {
		return cron
	}
	at := fmt.Sprintf("at %02d:%02d UTC", hour, minute)
	weekday, weekly := clockPart(f[4], 7)
	day, monthly := clockPart(f[2], 31)
	switch {
	case days == "* * *":
		return "Every day " + at
	case weekly && f[2] == "*" && f[3] == "*":
		return "Every " + weekdays[weekday] + " " + at
	case monthly && f[3] == "*" && f[4] == "*":
		return "On day " + strconv.Itoa(day) + " of every month " + at
	}
	return cron
}

// clockPart reads a field that is one number.
func clockPart(s string, most int) (int, bool) {
	n, err := strconv.Atoi(s)
	return n, err == nil && n >= 0 && n <= most
}
