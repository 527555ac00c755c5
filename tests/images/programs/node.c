/* A stand-in for Node.js that can run one program: the tutorial's server.js, which lies beside it in the image.
 *
 *   node server.js      serves on 8080 what server.js says: its greeting is read from the file (`| v=N`)
 *
 * It starts in a millisecond and needs a megabyte, where Node.js takes hundreds of both; the answers and the log lines are
 * the ones that server.js would give. On SIGTERM it serves for two more seconds, as a program should: the cluster needs a
 * moment to take it out of its Services. */
#define _GNU_SOURCE
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static char host[256], version[32];
static struct timespec started;
static long requests;

static const char *iso_now(void) {
  static char text[64];
  struct timeval now;
  struct tm utc;
  gettimeofday(&now, NULL);
  gmtime_r(&now.tv_sec, &utc);
  size_t length = strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &utc);
  snprintf(text + length, sizeof text - length, ".%03ldZ", (long)now.tv_usec / 1000);
  return text;
}

static double uptime_s(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)(now.tv_sec - started.tv_sec) + (double)(now.tv_nsec - started.tv_nsec) / 1e9;
}

/* What the greeting says comes from the program that we are given. */
static int read_version(const char *path) {
  char program[16384];
  FILE *file = fopen(path, "r");
  if (!file) {
    fprintf(stderr, "Error: Cannot find module '%s'\n", path);
    return -1;
  }
  program[fread(program, 1, sizeof program - 1, file)] = 0;
  fclose(file);
  const char *at = strstr(program, "| v=");
  if (!at || sscanf(at, "| v=%31[0-9a-zA-Z.]", version) != 1) {
    fprintf(stderr, "%s: not the program that this stand-in knows\n", path);
    return -1;
  }
  return 0;
}

static void answer(int client) {
  char request[8192], body[512], head[256];
  size_t have = 0;
  struct timeval patience = {.tv_sec = 2};
  setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  for (ssize_t got; have < sizeof request - 1 && (got = read(client, request + have, sizeof request - 1 - have)) > 0;) {
    have += (size_t)got;
    request[have] = 0;
    if (strstr(request, "\r\n\r\n")) {
      int size = snprintf(body, sizeof body, "Hello Kubernetes bootcamp! | Running on: %s | v=%s\n", host, version);
      int length = snprintf(head, sizeof head,
                            "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: %d\r\nConnection: close\r\n\r\n",
                            size);
      if (write(client, head, (size_t)length) == length && write(client, body, (size_t)size) == size)
        printf("Running On: %s | Total Requests: %ld | App Uptime: %.3f seconds | Log Time: %s\n", host, ++requests,
               uptime_s(), iso_now());
      break;
    }
  }
  shutdown(client, SHUT_RDWR);
  close(client);
}

static void leave_soon(int number) {
  (void)number;
  alarm(2);
}

static void leave(int number) {
  (void)number;
  _exit(0);
}

int main(int argc, char **argv) {
  if (argc != 2 || read_version(argv[1])) return 1;
  int one = 1, zero = 0, server = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
  struct sockaddr_in6 address = {.sin6_family = AF_INET6, .sin6_port = htons(8080), .sin6_addr = in6addr_any};
  signal(SIGPIPE, SIG_IGN);
  signal(SIGTERM, leave_soon);
  signal(SIGALRM, leave);
  signal(SIGINT, leave);
  setsockopt(server, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  setsockopt(server, IPPROTO_IPV6, IPV6_V6ONLY, &zero, sizeof zero);
  if (bind(server, (struct sockaddr *)&address, sizeof address) || listen(server, 512)) {
    fprintf(stderr, "Error: listen EADDRINUSE: %s :::8080\n", strerror(errno));
    return 1;
  }
  const char *name = getenv("HOSTNAME");
  if (name)
    snprintf(host, sizeof host, "%s", name);
  else
    gethostname(host, sizeof host);
  clock_gettime(CLOCK_MONOTONIC, &started);
  setvbuf(stdout, NULL, _IOLBF, 0);
  printf("Kubernetes Bootcamp App Started At: %s | Running On:  %s \n\n", iso_now(), host);
  for (;;) {
    int client = accept4(server, NULL, NULL, SOCK_CLOEXEC);
    if (client >= 0) answer(client);
  }
}
