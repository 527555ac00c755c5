/* A stand-in for agnhost's netexec: the endpoints, log lines and UDP answers that tutorials and tests rely on.
 *
 *   /agnhost netexec [--http-port=8080] [--udp-port=8081]      one thread per connection, one request per connection
 *   /agnhost pause                                             waits for a signal
 *   /agnhost --version
 *
 * Built static, so the image needs nothing else to start it; /shell runs commands with the image's /bin/sh. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;
static pthread_mutex_t log_lock = PTHREAD_MUTEX_INITIALIZER;
static struct timespec started;

static void say(const char *format, ...) {
  struct timeval now;
  struct tm utc;
  va_list args;
  gettimeofday(&now, NULL);
  gmtime_r(&now.tv_sec, &utc);
  pthread_mutex_lock(&log_lock);
  fprintf(stderr, "I%02d%02d %02d:%02d:%02d.%06ld %7d log.go:195] ", utc.tm_mon + 1, utc.tm_mday, utc.tm_hour, utc.tm_min,
          utc.tm_sec, (long)now.tv_usec, (int)getpid());
  va_start(args, format);
  vfprintf(stderr, format, args);
  va_end(args);
  fputc('\n', stderr);
  fflush(stderr);
  pthread_mutex_unlock(&log_lock);
}

static void now_text(char *out, size_t size) {
  struct timespec now, up;
  struct tm utc;
  clock_gettime(CLOCK_REALTIME, &now);
  clock_gettime(CLOCK_MONOTONIC, &up);
  gmtime_r(&now.tv_sec, &utc);
  double running = (double)(up.tv_sec - started.tv_sec) + (double)(up.tv_nsec - started.tv_nsec) / 1e9;
  snprintf(out, size, "%04d-%02d-%02d %02d:%02d:%02d.%09ld +0000 UTC m=+%.9f", utc.tm_year + 1900, utc.tm_mon + 1,
           utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec, now.tv_nsec, running);
}

static void answer(int fd, int code, const char *type, const char *body, size_t size) {
  char head[256];
  const char *word = code == 200 ? "OK" : code == 404 ? "Not Found" : code == 400 ? "Bad Request" : "Status";
  int length = snprintf(head, sizeof head,
                        "HTTP/1.1 %d %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\nConnection: close\r\n\r\n", code, word,
                        type, size);
  if (write(fd, head, (size_t)length) < 0) return;
  for (size_t done = 0; done < size;) {
    ssize_t wrote = write(fd, body + done, size - done);
    if (wrote <= 0) return;
    done += (size_t)wrote;
  }
}

static void text(int fd, int code, const char *body) { answer(fd, code, "text/plain; charset=utf-8", body, strlen(body)); }

static int hex(int c) { return c >= '0' && c <= '9' ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1; }

/* The decoded value of a query parameter, or NULL; the caller frees it. */
static char *parameter(const char *query, const char *name) {
  size_t length = strlen(name);
  while (query && *query) {
    const char *end = strchrnul(query, '&');
    if (!strncmp(query, name, length) && query[length] == '=') {
      char *value = malloc((size_t)(end - query) + 1), *out = value;
      for (const char *in = query + length + 1; in < end; in++) {
        if (*in == '%' && end - in > 2 && hex(in[1]) >= 0 && hex(in[2]) >= 0) {
          *out++ = (char)(hex(in[1]) * 16 + hex(in[2]));
          in += 2;
        } else
          *out++ = *in == '+' ? ' ' : *in;
      }
      *out = 0;
      return value;
    }
    query = *end ? end + 1 : end;
  }
  return NULL;
}

static void put_json_string(FILE *out, const char *in) {
  fputc('"', out);
  for (; *in; in++) {
    unsigned char c = (unsigned char)*in;
    if (c == '"' || c == '\\')
      fprintf(out, "\\%c", c);
    else if (c == '\n')
      fputs("\\n", out);
    else if (c < 32)
      fprintf(out, "\\u%04x", c);
    else
      fputc(c, out);
  }
  fputc('"', out);
}

static void shell(int fd, const char *command) {
  char *body = NULL, *output = NULL, chunk[4096];
  size_t size = 0, output_size = 0, got;
  char *line;
  if (asprintf(&line, "exec 2>&1; %s", command) < 0) return;
  FILE *from = popen(line, "r"), *collected = open_memstream(&output, &output_size);
  while (from && (got = fread(chunk, 1, sizeof chunk, from)) > 0) fwrite(chunk, 1, got, collected);
  int status = from ? pclose(from) : -1;
  fclose(collected);
  FILE *json = open_memstream(&body, &size);
  fputs("{\"output\":", json);
  put_json_string(json, output);
  if (status != 0) fprintf(json, ",\"error\":\"exit status %d\"", WIFEXITED(status) ? WEXITSTATUS(status) : 1);
  fputc('}', json);
  fclose(json);
  answer(fd, 200, "application/json", body, size);
  free(body);
  free(output);
  free(line);
}

static void environment(int fd) {
  char *body;
  size_t size;
  FILE *out = open_memstream(&body, &size);
  for (char **e = environ; *e; e++) fprintf(out, "%s\n", *e);
  fclose(out);
  answer(fd, 200, "text/plain; charset=utf-8", body, size);
  free(body);
}

static void header(int fd, char *headers, const char *key) {
  size_t length = strlen(key);
  for (char *line = strstr(headers, "\r\n"); line; line = strstr(line + 2, "\r\n"))
    if (!strncasecmp(line + 2, key, length) && line[2 + length] == ':') {
      char *value = line + 3 + length, *end = strstr(value, "\r\n");
      while (*value == ' ') value++;
      if (end) *end = 0;
      text(fd, 200, value);
      return;
    }
  text(fd, 200, "");
}

struct client {
  int fd;
  struct sockaddr_in6 from;
};

static void peer_text(const struct sockaddr_in6 *from, char *out, size_t size) {
  char host[INET6_ADDRSTRLEN];
  inet_ntop(AF_INET6, &from->sin6_addr, host, sizeof host);
  const char *shown = strncmp(host, "::ffff:", 7) ? host : host + 7;
  snprintf(out, size, strchr(shown, ':') ? "[%s]:%d" : "%s:%d", shown, ntohs(from->sin6_port));
}

static void route(struct client *client, char *path, char *query, char *rest) {
  int fd = client->fd;
  char buffer[512], host[256], *value;
  gethostname(host, sizeof host);
  if (!strcmp(path, "/")) {
    say("GET /");
    memcpy(buffer, "NOW: ", 5);
    now_text(buffer + 5, sizeof buffer - 5);
    text(fd, 200, buffer);
  } else if (!strcasecmp(path, "/hostname")) {
    say("GET /hostname");
    text(fd, 200, host);
  } else if (!strcmp(path, "/healthz"))
    text(fd, 200, "");
  else if (!strcmp(path, "/clientip")) {
    peer_text(&client->from, buffer, sizeof buffer);
    text(fd, 200, buffer);
  } else if (!strcmp(path, "/env"))
    environment(fd);
  else if (!strcmp(path, "/shell") && (value = parameter(query, "shell"))) {
    say("GET /shell?shell=%s", value);
    shell(fd, value);
    free(value);
  } else if (!strcasecmp(path, "/echo") && (value = parameter(query, "msg"))) {
    char *code = parameter(query, "code");
    text(fd, code ? atoi(code) : 200, value);
    free(value);
    free(code);
  } else if (!strcmp(path, "/header") && (value = parameter(query, "key"))) {
    header(fd, rest, value);
    free(value);
  } else if (!strcmp(path, "/exit")) {
    value = parameter(query, "code");
    int code = value ? atoi(value) : 0;
    say("GET /exit?code=%d", code);
    text(fd, 200, "");
    shutdown(fd, SHUT_RDWR);
    _exit(code);
  } else
    text(fd, 404, "404 page not found\n");
}

static void *serve(void *argument) {
  struct client *client = argument;
  char request[16384];
  size_t have = 0;
  struct timeval patience = {.tv_sec = 30};
  setsockopt(client->fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  while (have < sizeof request - 1) {
    ssize_t got = read(client->fd, request + have, sizeof request - 1 - have);
    if (got <= 0) break;
    have += (size_t)got;
    request[have] = 0;
    if (strstr(request, "\r\n\r\n")) {
      char *path = strchr(request, ' '), *end = path ? strchr(path + 1, ' ') : NULL;
      if (!path || !end) {
        text(client->fd, 400, "400 Bad Request");
        break;
      }
      *end = 0;
      char *query = strchr(++path, '?');
      if (query) *query++ = 0;
      route(client, path, query, end + 1);
      break;
    }
  }
  shutdown(client->fd, SHUT_RDWR);
  close(client->fd);
  free(client);
  return NULL;
}

static int listener(int kind, int port) {
  int one = 1, zero = 0, fd = socket(AF_INET6, kind | SOCK_CLOEXEC, 0);
  struct sockaddr_in6 address = {.sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port), .sin6_addr = in6addr_any};
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &zero, sizeof zero);
  if (bind(fd, (struct sockaddr *)&address, sizeof address) || (kind == SOCK_STREAM && listen(fd, 128))) {
    fprintf(stderr, "listen on port %d: %s\n", port, strerror(errno));
    exit(1);
  }
  return fd;
}

static void *serve_udp(void *argument) {
  int fd = *(int *)argument;
  char request[2048], reply[2300];
  for (;;) {
    struct sockaddr_in6 from;
    socklen_t size = sizeof from;
    ssize_t got = recvfrom(fd, request, sizeof request - 1, 0, (struct sockaddr *)&from, &size);
    if (got < 0) continue;
    request[got] = 0;
    request[strcspn(request, "\n")] = 0;
    say("Received udp request: %s", request);
    if (!strcasecmp(request, "hostname"))
      gethostname(reply, sizeof reply);
    else if (!strncasecmp(request, "echo ", 5))
      snprintf(reply, sizeof reply, "%s", request + 5);
    else if (!strcasecmp(request, "clientip"))
      peer_text(&from, reply, sizeof reply);
    else {
      snprintf(reply, sizeof reply, "Unknown udp command received: %.2000s", request);
      say("%s", reply);
    }
    sendto(fd, reply, strlen(reply), 0, (struct sockaddr *)&from, size);
  }
}

static void end(int number) {
  (void)number;
  _exit(0);
}

static int option(int argc, char **argv, const char *name, int fallback) {
  size_t length = strlen(name);
  for (int i = 2; i < argc; i++) {
    if (!strncmp(argv[i], name, length) && argv[i][length] == '=') return atoi(argv[i] + length + 1);
    if (!strcmp(argv[i], name) && i + 1 < argc) return atoi(argv[i + 1]);
  }
  return fallback;
}

static int netexec(int argc, char **argv) {
  int http_port = option(argc, argv, "--http-port", 8080), udp_port = option(argc, argv, "--udp-port", 8081);
  int http = listener(SOCK_STREAM, http_port), udp = listener(SOCK_DGRAM, udp_port);
  pthread_t thread;
  pthread_attr_t detached;
  pthread_attr_init(&detached);
  pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
  pthread_attr_setstacksize(&detached, 128 * 1024);
  say("Started HTTP server on port %d", http_port);
  say("Started UDP server on port  %d", udp_port);
  pthread_create(&thread, &detached, serve_udp, &udp);
  for (;;) {
    struct client *client = calloc(1, sizeof *client);
    socklen_t size = sizeof client->from;
    client->fd = accept4(http, (struct sockaddr *)&client->from, &size, SOCK_CLOEXEC);
    if (client->fd < 0 || pthread_create(&thread, &detached, serve, client)) {
      if (client->fd >= 0) close(client->fd);
      free(client);
    }
  }
}

int main(int argc, char **argv) {
  clock_gettime(CLOCK_MONOTONIC, &started);
  signal(SIGPIPE, SIG_IGN);
  signal(SIGTERM, end);
  signal(SIGINT, end);
  if (argc > 1 && !strcmp(argv[1], "--version")) return puts("agnhost version 2.53"), 0;
  if (argc > 1 && !strcmp(argv[1], "netexec")) return netexec(argc, argv);
  if (argc > 1 && !strcmp(argv[1], "pause"))
    for (puts("Paused"), fflush(stdout);;) pause();
  fprintf(stderr, "agnhost: netexec, pause\n");
  return 1;
}
