package setcache

// What the tests of the package know of its inside.
const Largest = largestCache

// PathOf is where a cache keeps an instance.
func PathOf(f Folder, instance string) string { return f.path(instance) }
