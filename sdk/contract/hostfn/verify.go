package hostfn

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"

	"github.com/kassette-pay/kassette/sdk/contract"
)

const (
	// minRSABits is what RFC 7518 demands of keys for RS256 and its kin.
	minRSABits = 2048
	// maxChain bounds the certificates of a chain.
	maxChain = 10
)

var rsaHashes = map[contract.Algorithm]crypto.Hash{
	contract.RS256: crypto.SHA256,
	contract.RS384: crypto.SHA384,
	contract.RS512: crypto.SHA512,
	contract.PS256: crypto.SHA256,
	contract.ES256: crypto.SHA256,
}

func verify(in contract.VerifyRequest, s Secrets) contract.VerifyResult {
	key, err := publicKey(in, s)
	if err == nil {
		err = checkSignature(in, key)
	}
	if err != nil {
		return contract.VerifyResult{Error: err.Error()}
	}
	return contract.VerifyResult{Valid: true}
}

func publicKey(in contract.VerifyRequest, s Secrets) (any, error) {
	switch {
	case (in.KeyPEM == "") == (in.ChainPEM == ""):
		return nil, errors.New("give either key_pem or chain_pem")
	case in.KeyPEM != "":
		return parseKey(in.KeyPEM)
	case in.Name == "" || in.At.IsZero():
		return nil, errors.New("a chain needs name and at")
	}
	leaf, intermediates, err := parseChain(in.ChainPEM)
	if err != nil {
		return nil, err
	}
	_, err = leaf.Verify(x509.VerifyOptions{DNSName: in.Name, CurrentTime: in.At, Intermediates: intermediates, Roots: s.Roots()})
	if err != nil {
		return nil, fmt.Errorf("verify certificate chain: %w", err)
	}
	return leaf.PublicKey, nil
}

func parseKey(text string) (any, error) {
	block, _ := pem.Decode([]byte(text))
	switch {
	case block == nil:
		return nil, errors.New("key_pem is not PEM")
	case block.Type == "PUBLIC KEY":
		return x509.ParsePKIXPublicKey(block.Bytes)
	case block.Type == "RSA PUBLIC KEY":
		return x509.ParsePKCS1PublicKey(block.Bytes)
	}
	return nil, fmt.Errorf("key_pem holds %q: use PUBLIC KEY", block.Type)
}

// parseChain takes the first certificate as the leaf.
func parseChain(text string) (leaf *x509.Certificate, intermediates *x509.CertPool, err error) {
	intermediates = x509.NewCertPool()
	rest := []byte(text)
	for n := 0; ; n++ {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		if block.Type != "CERTIFICATE" || n == maxChain {
			return nil, nil, fmt.Errorf("chain_pem holds %q as number %d: use up to %d certificates", block.Type, n+1, maxChain)
		}
		cert, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, nil, fmt.Errorf("read certificate %d of chain_pem: %w", n+1, err)
		}
		if leaf == nil {
			leaf = cert
		} else {
			intermediates.AddCert(cert)
		}
	}
	if leaf == nil {
		return nil, nil, errors.New("chain_pem holds no certificate")
	}
	return leaf, intermediates, nil
}

var errSignature = errors.New("the signature does not match")

func checkSignature(in contract.VerifyRequest, key any) error {
	hash, ok := rsaHashes[in.Algorithm]
	if !ok {
		return fmt.Errorf("algorithm %q: use RS256, RS384, RS512, PS256 or ES256", in.Algorithm)
	}
	h := hash.New()
	h.Write(in.Data)
	sum := h.Sum(nil)
	if in.Algorithm == contract.ES256 {
		return checkECDSA(key, sum, in.Signature)
	}
	k, ok := key.(*rsa.PublicKey)
	if !ok || k.N.BitLen() < minRSABits {
		return fmt.Errorf("%s needs an RSA key of at least %d bits", in.Algorithm, minRSABits)
	}
	var err error
	if in.Algorithm == contract.PS256 {
		err = rsa.VerifyPSS(k, hash, sum, in.Signature, &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash})
	} else {
		err = rsa.VerifyPKCS1v15(k, hash, sum, in.Signature)
	}
	if err != nil {
		return errSignature
	}
	return nil
}

// checkECDSA takes r and s of 32 bytes each, as RFC 7518 has them.
func checkECDSA(key any, sum, signature []byte) error {
	k, ok := key.(*ecdsa.PublicKey)
	if !ok || k.Curve != elliptic.P256() {
		return errors.New("ES256 needs a key on P-256")
	}
	if len(signature) != 64 {
		return errors.New("an ES256 signature is 64 bytes")
	}
	r, s := new(big.Int).SetBytes(signature[:32]), new(big.Int).SetBytes(signature[32:])
	if !ecdsa.Verify(k, sum, r, s) {
		return errSignature
	}
	return nil
}
