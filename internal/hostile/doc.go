// Package hostile is what may stand between rolecall and whoever it asks: a
// server that answers nothing, slowly, without end or wrongly. Tests put it in
// front of the emulator and of simulated identity providers.
//
// It promises that what it answers itself obeys the request's context and
// package time only, so that hours pass at once under testing/synctest. It knows
// no API: of the answers that it changes it knows that they are JSON, and that a
// list in them may go on. No program of the project has it in it.
package hostile
