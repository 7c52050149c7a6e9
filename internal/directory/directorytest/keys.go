package directorytest

import (
	"crypto/rand"
	"crypto/rsa"
	"sync"
)

// RSAKey is what connectors of tests sign with. It is made once, as that takes long.
var RSAKey = sync.OnceValue(func() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
})
