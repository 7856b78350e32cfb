/* The door to OpenSSL's digests. A struct sha256 is its context under a name of ours. */
#include "sim/sha256.h"
#include <openssl/evp.h>

static EVP_MD_CTX *context(struct sha256 *h)
{
    return (EVP_MD_CTX *)(void *)h;
}

struct sha256 *sha256_open(void)
{
    EVP_MD_CTX *c = EVP_MD_CTX_new();
    if (c && EVP_DigestInit_ex(c, EVP_sha256(), NULL) != 1) {
        EVP_MD_CTX_free(c);
        c = NULL;
    }
    return (struct sha256 *)(void *)c;
}

void sha256_close(struct sha256 *h)
{
    EVP_MD_CTX_free(context(h));
}

bool sha256_add(struct sha256 *h, const void *data, size_t len)
{
    return EVP_DigestUpdate(context(h), data, len) == 1;
}

bool sha256_so_far(const struct sha256 *h, uint8_t out[SHA256_BYTES])
{
    const EVP_MD_CTX *c = (const void *)h;
    EVP_MD_CTX *copy = EVP_MD_CTX_new();
    unsigned n = 0;
    bool good = copy && EVP_MD_CTX_copy_ex(copy, c) == 1 &&
                EVP_DigestFinal_ex(copy, out, &n) == 1 && n == SHA256_BYTES;
    EVP_MD_CTX_free(copy);
    return good;
}
