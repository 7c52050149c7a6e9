owner = 
