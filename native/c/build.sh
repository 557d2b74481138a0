#!/usr/bin/env bash
# Builds the kernel and runs its tests. Needs a C17 compiler (CC, default gcc 12 or clang 14 and up).
#
#   build.sh [release]   libvts_kernel.so in OUT (default: build/ beside this file)
#   build.sh checked     test programs with VTS_CHECKED bounds and the address and undefined
#                        behaviour sanitizers, in OUT/checked
#   build.sh test        release and its tests; VTS_TEST_SCALE multiplies their cases
#   build.sh test-checked  the same of the checked build
#   build.sh constant-time [keys]  the check of the release library, and of two builds with a known
#                        leak, which it must refuse
#   build.sh bench       the benchmarks
#   build.sh fuzz [seconds]  libFuzzer if CC is clang, else a replay of random inputs
#
# Tests and benchmarks compare with libsecp256k1: VTS_LIBSECP256K1 names a shared object that
# exports it; without it the one in the ACINQ jar is fetched with Maven.
set -euo pipefail
cd "$(dirname "$0")"

CC=${CC:-gcc}
OUT=${OUT:-build}
SECP_ARTIFACT=fr.acinq.secp256k1:secp256k1-kmp-jni-jvm-linux:0.23.0
mode=${1:-release}

common=(-std=c17 -D_GNU_SOURCE -fPIC -fvisibility=hidden -Wall -Wextra -Werror)
# Only kernel units may use AVX-512: the rest answers vts_kernel_supported() on any x86-64.
# No stack protector: it costs 1 to 2%, and all buffers have fixed sizes and indices of our own.
vector=(-mavx512f -mavx512dq -mavx512bw -mavx512vl -mavx512ifma -mavx512vbmi -mavx512vbmi2
        -mbmi2 -madx -msha)
release=(-O3)
# Not -O1: there GCC 12 makes wrong code of a mask compared in test_scalar8.c.
checked=(-O2 -g1 -DVTS_CHECKED -fsanitize=address,undefined -fno-sanitize-recover=all)
any_cpu_units=(cpu kernel)

is_any_cpu() { [[ " ${any_cpu_units[*]} " == *" $1 "* ]]; }

# Programs that use the public contract alone are built for any CPU and skip themselves.
is_public() { grep -q '"../vts_kernel.h"' "$1"; }

compile_objects() { # directory, flags...
    local dir=$1 unit pids=()
    shift
    mkdir -p "$dir"
    for source in *.c; do
        unit=${source%.c}
        if is_any_cpu "$unit"; then
            "$CC" "${common[@]}" "$@" -c "$source" -o "$dir/$unit.o"
        else
            "$CC" "${common[@]}" "$@" "${vector[@]}" -c "$source" -o "$dir/$unit.o"
        fi &
        pids+=($!)
    done
    for pid in "${pids[@]}"; do wait "$pid"; done
}

compile_program() { # source, directory of the objects, flags...
    local source=$1 dir=$2 target=("${vector[@]}")
    shift 2
    if is_public "$source"; then target=(); fi
    "$CC" "${common[@]}" "$@" "${target[@]}" "$source" "$dir"/*.o -ldl -lm -lpthread \
        -o "$dir/$(basename "${source%.c}")"
}

library() {
    compile_objects "$OUT/release" "${release[@]}"
    "$CC" -shared -Wl,-z,relro,-z,now,-z,noexecstack "$OUT"/release/*.o -lpthread \
        -o "$OUT/libvts_kernel.so"
}

find_reference() {
    if [[ -n ${VTS_LIBSECP256K1:-} ]]; then return; fi
    local dir=$OUT/secp256k1 name=libsecp256k1-jni.so
    if [[ ! -e $dir/$name ]]; then
        mkdir -p "$dir"
        mvn -q -B dependency:copy -Dartifact="$SECP_ARTIFACT" -DoutputDirectory="$(realpath "$dir")"
        unzip -q -o -j "$dir"/*.jar "fr/acinq/secp256k1/jni/native/linux-x86_64/$name" -d "$dir"
    fi
    export VTS_LIBSECP256K1=$dir/$name
}

run_tests() { # directory of the objects, flags...
    local dir=$1 source name
    shift
    find_reference
    compile_program test/supported.c "$dir" "$@"
    if ! "$dir/supported"; then
        echo "no AVX-512 IFMA on this machine: kernel tests skipped"
        return
    fi
    for source in test/test_*.c; do
        name=$(basename "${source%.c}")
        compile_program "$source" "$dir" "$@"
        "$dir/$name"
    done
}

case $mode in
    release) library ;;
    checked) compile_objects "$OUT/checked" "${checked[@]}" ;;
    test)
        library
        run_tests "$OUT/release" -O2
        ;;
    test-checked)
        compile_objects "$OUT/checked" "${checked[@]}"
        # The kernel has no heap; what the tests leave is libsecp256k1's context, kept for life.
        ASAN_OPTIONS=detect_leaks=0 run_tests "$OUT/checked" "${checked[@]}"
        ;;
    constant-time)
        library
        "$CC" "${common[@]}" -O2 test/constant_time.c -ldl -o "$OUT/constant_time"
        "$OUT/constant_time" "$OUT/libvts_kernel.so" "${2:-3}"
        for canary in 1 2; do
            leaky=$OUT/canary$canary
            mkdir -p "$leaky"
            cp "$OUT"/release/*.o "$leaky"
            for unit in sign8 signer8; do
                "$CC" "${common[@]}" "${release[@]}" "${vector[@]}" -DVTS_CANARY=$canary \
                    -c $unit.c -o "$leaky/$unit.o"
            done
            "$CC" -shared "$leaky"/*.o -lpthread -o "$leaky/libvts_kernel.so"
            if "$OUT/constant_time" "$leaky/libvts_kernel.so" 16; then
                echo "the constant-time check missed the leak of canary $canary" >&2
                exit 1
            fi
        done
        ;;
    bench)
        library
        find_reference
        for source in bench/bench_*.c; do
            compile_program "$source" "$OUT/release" "${release[@]}"
            "$OUT/release/$(basename "${source%.c}")"
        done
        ;;
    fuzz)
        find_reference
        compile_objects "$OUT/checked" "${checked[@]}"
        if "$CC" --version | grep -qi clang; then
            compile_program test/fuzz_verify.c "$OUT/checked" "${checked[@]}" -fsanitize=fuzzer
            "$OUT/checked/fuzz_verify" -max_total_time="${2:-60}"
        else
            compile_program test/fuzz_verify.c "$OUT/checked" "${checked[@]}" -DFUZZ_MAIN
            "$OUT/checked/fuzz_verify" "${2:-60}"
        fi
        ;;
    *)
        sed -n '2,16s/^# \{0,1\}//p' "$0"
        exit 2
        ;;
esac
