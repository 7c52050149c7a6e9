// Command doclinks checks the links of a repository's Markdown documents: that
// a relative one leads to a file or folder, and its #fragment to a heading of
// that document.
//
// It promises to name file, line and link of every broken one. It follows no
// link to another host.
//
//	go run ./doclinks ..
package main

import (
	"fmt"
	"os"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "doclinks: give the repository's folder")
		os.Exit(1)
	}
	links, broken, err := check(os.DirFS(os.Args[1]))
	if err != nil {
		fmt.Fprintln(os.Stderr, "doclinks:", err)
		os.Exit(1)
	}
	for _, b := range broken {
		fmt.Println(b)
	}
	fmt.Printf("%d relative links, %d broken\n", links, len(broken))
	if len(broken) > 0 {
		os.Exit(1)
	}
}
