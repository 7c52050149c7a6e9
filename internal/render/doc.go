// Package render turns what the other packages produce into what people and
// programs read: text, JSON, Markdown and SARIF.
//
// It promises that human text is made from the structs that --json prints,
// that the same input yields the same bytes, that there is no color unless the
// Style asks for it, and that nothing which came from a file or from AWS can
// steer a terminal: control and bidirectional characters are shown, never
// sent. Color and width are parameters. It never touches the world: it knows
// no terminal, no environment and no clock, and writes to an io.Writer.
package render
