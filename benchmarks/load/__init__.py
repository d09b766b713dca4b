"""How many live streams a server carries, beside a bare echo server under the same load."""
