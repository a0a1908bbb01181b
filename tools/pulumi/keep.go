//go:build keep

// Package keep holds the CLI's main package in go.mod through `go mod tidy`; nothing compiles this file.
package keep

import _ "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
