DROP TABLE verification_misses;
