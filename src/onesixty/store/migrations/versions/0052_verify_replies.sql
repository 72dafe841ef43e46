-- By the last eight digits: carriers write the same number in national and in international notation.
CREATE INDEX verifications_digits ON verifications (substr(recipient, length(recipient) - 7));
CREATE INDEX verifications_other_digits ON verifications (substr(other, length(other) - 7)) WHERE other IS NOT NULL;
