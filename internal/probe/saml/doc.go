// Package saml reads the SAML metadata of an identity provider, from its URL or
// from a file, and says what in it would keep people from signing in to AWS.
//
// It promises to take https only, to follow no redirect to another host, to
// read at most a mebibyte, and to refuse document types, so that nothing in the
// text reaches further than the text. It reads the encodings that are in use, and
// an identity provider that is wrapped with others that are none. It leaves out
// the metadata's own signature: TLS, or whoever brought the file, vouches for it;
// and how long it may be kept (cacheDuration): AWS gets it by hand.
package saml
