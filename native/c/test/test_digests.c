/* vts_claim_digests against the protocol's test vectors, in every position of a batch. */
#include <sys/mman.h>
#include <unistd.h>

#include "../vts_kernel.h"
#include "test_util.h"

enum { STRIDE = 391, MOST = 9, VECTORS = 6 };

/* Made by an independent program; the scripts and spends were accepted by a Bitcoin node. */
static const struct {
    const char *claim, *terms, *ticket, *claim_id, *spend;
} VECTOR[VECTORS] = {
    {"fabfb5dae2dcc1b705ff027e644c123adebca6a1a30bbd5ce2d8964c170f0866d09b3f8704000000"
     "4daddd1f0000000062a8dd1f0000000080000000ff0000000335c209685eea356af489a6ffcb655a"
     "de6ef09b3e30731e645bca3c9ac2e8235e030a1b9c080c66826755efb26ba0f468b8b38c385e5e34"
     "93d26988edc98831bac0e5e702fa89c9aabf6626c57b3e7ac96a8b9a6cfd17e5c7c65733abe9f091"
     "b0d1f1fc30239d36cbddb3f96be30a55246490c9acc14945cc84c2a165f04d45785ea2b9d99aed9e"
     "2eb1b730a7f662f6ba6f0f01127716001497173a476e462c95e7531e383b4a19f34567007f57b0cb"
     "a18b40cf8e73cdc42cf788bb75af5de03c6bfc75809729fafbcde593634e9bb8b3981e4b7d1e041e"
     "be35d047951285c90f82d987a796a4fff24f88a74a226961cc036e4ebe40aee555d8a00db778481d"
     "ec7de00d394a9655173b72e840064827aa873bb3633f8586ab7ad4bb9ed8e8cd26857e9d79e56ef7"
     "5aa67d40f5",
     "c45467c2a2445e881396f3746e6797e6199b5cb82ef1b73db03423b0e3a5db31",
     "57c3775b19e0ece0f089f569b3ff2ed5a204ec6e1fc50369e53bed83521f6c91",
     "de223eca2aca0bc74b9584da995b7647c3dca9d48b43d9a7e9f3374c6f8c9d9e",
     "c93dd1db83ae9455285f2f37afde1c5493b9c5b3319016135eafbe12373f7600"},
    {"fabfb5dad19bfebab587a36cc7fea3fbdfba1393724301fec947d037b2715773fd53341505000000"
     "247c310800000000c97831080000000002000000ffff7f00024f64ed023cd2e4935da79d4cebc99b"
     "3ac1a610d4eef654c5256921273c3bdc32033253b4b35596312a1afcaf2ea4a328012153d44c1267"
     "c2df9dcd8b94dd91914144639981792b198edde018de5c4e486eef9b4016da7eca6207ada8e49c7e"
     "21d0892f5975bfa4da9859020190c70064dab978dc5cf4f6d9b6dd97a4cb00dfe7db90c7295cedb8"
     "4cbbd292d4ea17301004f39f3f6e220020faab1e1f2e294d61695fe02e7ac7e5f6e553077d2c64a5"
     "e9e02992487a4381358dd9b471589e51541267e767589e6f58b9b6a4124e770bbdb079793ceed1ac"
     "d372d34d5837e243f9148a4c2ba34305b80fc2a4683973e719b9eca639b531f7164aaf267ddc221e"
     "6ae882f442f0e468179a9c9e459c1881aeb4a13b1fdc123d254731077a5094a4b6a7cc7be6a6c594"
     "abfb1ccf8fdfa1ff9a1d1d1417cd54193d",
     "16cc4bc744c760ed642ed00d2c257d0bbbb29b5b01854daedcd079952bded535",
     "171edf5288e1cebe50a87c19bffe91c91fe8748fbced8802c92d23cac4c2a2a6",
     "e72c88819b5efddc4d4061dbc6aa639e169f64d4010080a8f24615d975e8cc11",
     "427d9669e00158d1cffdb6a6dec93a7fd92efab6ec379e20f0841fc8596ff1bd"},
    {"fabfb5daea2dd1a80909459e3366cb6d9f340cf7097ce347638bd313dfe11639e2c7f14901000000"
     "67f9770700000000adf7770700000000020000007f0000000340052454d7b894a0d5ac81d36c67b4"
     "645d3a1c1cb62b64a720cfe4618301728e03f9aaf0f2f630207672c9fea361f7602dc544c809adf1"
     "3af3ca63cd0d37f1a3638d519c9d58582ed0e99df1f03c8f169f84bf864e0a33bc2c5de1d0d056fa"
     "aa4d8be01ac5b8898a967a8c42760c478b3770b9cbf017aaecb2b52deff7658c2059a0129e28b3bf"
     "dafe9f1bfcf8c6812dc3f85d18671976a9142f13d83af12f987b48bd4dd84739425050dd8ee888ac"
     "a55ed9f1391c7803d107b680b74ad6e38a8f054b00b055f314c7089f58873b102e15b4a189bdb4c6"
     "727e018d5318f06876f13fa0b1d38b12c777d9bea3a4c0458e6f87c314acc6106e8266d436ce6ba3"
     "b405f17a1fe1d87141a1c0de24d91feb7b6d6d6ae0e94431174c80b5def3de67318bfab62e47c445"
     "5bb9e7d9b5762d28",
     "1b97ceb8d3ec3194ce01785a18d57e19263ed8e9fbad4dd5b065fa9dc329210b",
     "c769ae5b16848b36fdba74f7b15ff8b84a2d66c77ced990155baad83ba2496d5",
     "19b4f8869ff25a30a51503b7fd1b11b22bd1ff73ef51018e32be286140bae87b",
     "08bc0a3ef43a0c15bc4980de359397abd9bcc86c5c86997bf52a5b6cdb739c6d"},
    {"fabfb5da4f1a0a979f4a4f9ae7eea709b99d6862fde61d910c9ac4850f5ddd90e38b982300000000"
     "c7151d2400000000c9141d2400000000800000000100000003ef36a5c1151ff2e9ab5743f5dd8f18"
     "b1ab596e56951769c0e4639a58c294c21f02d27f17fee09d09c3e6ecb6a426099ede6388b3723e94"
     "683b789ed286cd9c3cc629c172c015176b476237363c207d0e5b81b9e1219adea79292d9ec52cb4c"
     "c814e1965ffb205d09f8865b630dd60d0af332a8286a5bd75f18a371450f77972c336bbd9bbe59bb"
     "ebf95b80d24b2168d6018b3ccc74220020b8a5f931a8a1c084d43bc274368dbb92c750a25931a24e"
     "de4bac4ca2f9e75a01407d8bf8c24a7d392c6529e748e2ec45fc684e0ba6be37e808e36666abcaae"
     "c501af9f11404df3bcbd7a5ebdf779897a2a41a7085e78cbb2107a2ad403597c31f415126d80af05"
     "eed1630d4a35578753bc33a263716fc7686f229f61f07f78233a24d2ac961955d49525ef64c82bc8"
     "381ee231fe2971d103df145b82f6ff2d73",
     "b3c5eb4630f26afbf1b672fd47259e850ad967ca5a0a23a8a6aa8254b9a3eaa1",
     "19affeaf01b32fb53fb2c18c053d28953282563db65500061d2063b624851e4f",
     "0aa7f109d9e0426c3f0f10e6f358b212d84b24a161b62475c0d26620138755e2",
     "a89c163bb8ca8e67a0ecd086e9a0e831d56bd6521548e4e0b6cb854bcbbee4a3"},
    {"fabfb5da8efc85dd2c28613a30df6e79385df58f76a6538f75d423f30ac67dc7322b43d403000000"
     "f84c891e000000001549891e0000000001000000ff7f00000329c59340c5371b4bef5f72ee4a6b1a"
     "6255fadb6e17daadc0490c95dd6ea360fe0218debe557bbe7a803f2a31d3b6f6a7e86ab720b9c139"
     "1d04bf3bed0539fa4e676c306a8cbdcdd5727e9bb5497907b16e845fcef64dbf4c3a2110868122ea"
     "d58718328f560892e2e19e17b3349c00be1b3acdb90a7e1079bf0b275736030562b301dfbda23e1b"
     "a819db210348f07f01ac7a19796f1976a9144b199fcb05465ef2b41966739007554912c5124d88ac"
     "856dd44ad6fd6e534f1b74137df1ed6dd340dc1f46ab8bd0d87472babd27ed91576de90444b22a07"
     "66a440640fdabf30c2caa343925548628aff6e5413559162165e5c65104e1779e2457ebe2d7acb12"
     "5006ca8ad2b56b8b78814318ea071f6a7a3985fb95fe94512fd5faa3a36fe78db0090ed67b67f374"
     "768e323c7f056381",
     "89e13cfe3497196dba493191910241c830e2d9d0c8c9c74b2725bc6d4190d528",
     "5d92e862dcfb05fd040690f1d7df69a1a755cfc839b06327347878335e614f9f",
     "c096a0a8543a95fd7a0b91a8a40a56cc24c9d85ff632f2003eb38ef0861de800",
     "30188a5d0aca0edab9847cd71c38e6e877969077c52390572dc7be98744d554b"},
    {"fabfb5da55eaa517b1f2ec9774ebef2611832e8384fcdced95bb8f6b609c4ad252b1943708000000"
     "639fdf2400000000cd9cdf2400000000980f1b390080000003de3f9210a6b58708239b1d0c2c9557"
     "f3d4da4faa84a6ddb4c3292f199a95f7e70253025fbb3b8261c4e70846c8568e197a5d6ecbf32fb2"
     "97da68a35abe035e238875f0d54471b99e2795b2c9450ebfec3d7a6e4123d410695c64c68f31bf85"
     "4e705e8458a4ff8eb641022afa0544110da9ea9b56b7b40bd11d53c784f9f3f5a0e2277c03775cae"
     "cfa5a2cfad0ab1ca23b6905add65220020d9b2ce0fcf2178311ea51634272598516aa7dfe3069201"
     "97d5300f7a1e592343f2c0ee662aa29913d56b5298c85be733ff1f1f73f34fc32868b80b2f82def9"
     "f021478254292b0b860bd2b3402dff281183b8f5f12a78a8fae2821aa3d06e9933df852910de704a"
     "58816c9d763fb97ac6e5d635882113e67a981318f7295f14f922e7c5707c09dd39c761b4d82c55ca"
     "7c55820e3b0a64b08cef1840e78177f008",
     "80ed372b078fe22717de5ec99108e1c0e44e6ad85e62604fd90aa1b9feea7463",
     "e1d11fb097fb830b63e5b2b478d28c02c0dbd945bb0855c3685d1d78c04214e7",
     "4695c4a8acfe03aaafef14b0949597245d074e648eab60157b56247cc427d177",
     "25f27d9f0c148f7739c8a5218119c50bd39091fa07589e7e5150f7139d3d2368"}};

static uint8_t rows[MOST * STRIDE], terms[MOST * 32 + 1], tickets[MOST * 32 + 1];
static uint8_t ids[MOST * 32 + 1], spends[MOST * 32 + 1], opens[MOST + 1];

static void expect(const uint8_t *got, const char *hex, const char *what, size_t i) {
    uint8_t want[32] = {0};
    if (hex) {
        test_from_hex(want, hex);
    }
    CHECK(memcmp(got + 32 * i, want, 32) == 0, "%s of row %zu: %s", what, i,
          test_hex(got + 32 * i, 32));
}

/* Rows: a vector as it stands, one with a false opening, or one of no permitted script length. */
static void should_digest(size_t count) {
    int vector[MOST], kind[MOST];
    memset(rows, 0xee, sizeof rows);
    for (size_t i = 0; i < count; i++) {
        vector[i] = (int)(test_random() % VECTORS);
        kind[i] = (int)(test_random() % 4);
        uint8_t *row = rows + i * STRIDE;
        test_from_hex(row, VECTOR[vector[i]].claim);
        if (kind[i] == 1) {
            row[130 + test_random() % 64] ^= (uint8_t)(1U << test_random() % 8);
        } else if (kind[i] == 2) {
            static const uint8_t LENGTHS[] = {0, 1, 21, 35, 128, 255};
            row[214] = LENGTHS[test_random() % sizeof LENGTHS];
        }
    }
    memset(opens, 0xa5, sizeof opens);
    terms[32 * count] = tickets[32 * count] = ids[32 * count] = spends[32 * count] = 0xa5;
    vts_claim_digests(rows, STRIDE, terms, tickets, ids, spends, opens, count);
    for (size_t i = 0; i < count; i++) {
        int good = kind[i] != 2, opened = kind[i] == 0 || kind[i] == 3;
        CHECK(opens[i] == opened, "row %zu kind %d", i, kind[i]);
        expect(terms, good ? VECTOR[vector[i]].terms : NULL, "terms digest", i);
        expect(spends, good ? VECTOR[vector[i]].spend : NULL, "spend digest", i);
        if (kind[i] != 1) {
            expect(tickets, good ? VECTOR[vector[i]].ticket : NULL, "ticket digest", i);
            expect(ids, good ? VECTOR[vector[i]].claim_id : NULL, "claim id", i);
        }
    }
    CHECK(opens[count] == 0xa5 && terms[32 * count] == 0xa5 && tickets[32 * count] == 0xa5 &&
              ids[32 * count] == 0xa5 && spends[32 * count] == 0xa5,
          "wrote past row %zu", count);
}

/* The last byte of the script is the last one before memory that cannot be read. */
static void should_read_no_further_than_the_script(void) {
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    uint8_t *pages = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(pages != MAP_FAILED && mprotect(pages + page, page, PROT_NONE) == 0, "no guarded page");
    for (int i = 0; i < VECTORS; i++) {
        test_from_hex(rows, VECTOR[i].claim);
        size_t length = 215 + (size_t)rows[214];
        uint8_t *row = pages + page - length;
        memcpy(row, rows, length);
        vts_claim_digests(row, STRIDE, terms, tickets, ids, spends, opens, 1);
        expect(terms, VECTOR[i].terms, "terms digest", 0);
        expect(tickets, VECTOR[i].ticket, "ticket digest", 0);
        expect(ids, VECTOR[i].claim_id, "claim id", 0);
        expect(spends, VECTOR[i].spend, "spend digest", 0);
    }
    munmap(pages, 2 * page);
}

int main(void) {
    test_start("test_digests");
    should_read_no_further_than_the_script();
    for (size_t i = 0, cases = test_cases(200); i < cases; i++) {
        should_digest(i % (MOST + 1));
    }
    return test_end("test_digests");
}
