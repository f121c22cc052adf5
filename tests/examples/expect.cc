// SPDX-License-Identifier: Apache-2.0

// usage: expect FILE TOKEN <CONTENT
// Makes the content the next version of FILE if its newest is still the one that TOKEN names. Exits with 75 if it is not.
//
//     c++ -o expect expect.cc $(pkg-config --cflags --libs occfs)

#include <cerrno>
#include <cstring>
#include <iostream>
#include <iterator>
#include <string>
#include <unistd.h>

#include <occfs.h>

struct outcome : occfs_outcome {
    outcome() : occfs_outcome() {}
    ~outcome() { occfs_outcome_release(this); }
};

int main(int argc, char *argv[])
{
    if (argc != 3) return 2;
    const std::string content{std::istreambuf_iterator<char>(std::cin), {}};
    outcome result;
    const int fd = occfs_open(AT_FDCWD, argv[1], O_TRUNC, 0, argv[2]);
    int error = fd < 0 ? fd : 0;
    if (!error && write(fd, content.data(), content.size()) != static_cast<ssize_t>(content.size())) error = -EIO;
    if (!error) error = occfs_commit(fd, &result);
    if (fd >= 0) close(fd);
    if (error) {
        std::cerr << "expect: " << argv[1] << ": " << std::strerror(-error) << '\n';
        return 1;
    }
    if (result.result == OCCFS_CONFLICT) {
        std::cerr << "expect: " << argv[1] << ": somebody was faster; " << result.conflict.sibling << " has the content\n";
        return 75;
    }
    std::cout << result.token << '\n';
    return 0;
}
