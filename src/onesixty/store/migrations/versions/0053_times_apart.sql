UPDATE statistics_state SET phase = 'asked', reached = '', version = version + 1
WHERE EXISTS (SELECT 1 FROM statistics_series);
