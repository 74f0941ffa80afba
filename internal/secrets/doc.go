// Package secrets
package secrets
