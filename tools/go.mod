module github.com/rolecall-dev/rolecall/tools

go 1.26.0
